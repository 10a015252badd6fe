import { workerConversationRoutes } from './conversation-routes.ts';
import { workerHealthRoutes } from './health-routes.ts';
import { workerMessageRoutes } from './message-routes.ts';
import { workerSessionRoutes } from './session-routes.ts';

export const workerRoutes = [
  ...workerHealthRoutes,
  ...workerSessionRoutes,
  ...workerMessageRoutes,
  ...workerConversationRoutes,
] as const;
