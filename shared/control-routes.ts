import { apiKeyRoutes } from './accounts/keys/routes.ts';
import { accountPlatformRoutes, accountRoutes } from './accounts/routes.ts';
import { administrationRoutes } from './administration/routes.ts';
import { conversationRoutes } from './conversations/routes.ts';
import { historyRoutes } from './messages/history/routes.ts';
import { mediaRoutes } from './messages/media/routes.ts';
import { outboxRoutes } from './messages/outbox/routes.ts';
import { messageRoutes } from './messages/routes.ts';
import { sessionRoutes } from './sessions/routes.ts';
import { systemRoutes } from './system/routes.ts';
import { usageRoutes } from './usage/routes.ts';
import { webhookRoutes } from './webhooks/routes.ts';
import { callbackRoutes } from './workers/reports/routes.ts';
import { workerControlRoutes } from './workers/routes.ts';

/** Every route of the control plane. */
export const controlRoutes = [
  ...accountRoutes,
  ...accountPlatformRoutes,
  ...apiKeyRoutes,
  ...usageRoutes,
  ...sessionRoutes,
  ...messageRoutes,
  ...historyRoutes,
  ...mediaRoutes,
  ...outboxRoutes,
  ...conversationRoutes,
  ...workerControlRoutes,
  ...callbackRoutes,
  ...administrationRoutes,
  ...webhookRoutes,
  ...systemRoutes,
] as const;

export type ControlRoute = (typeof controlRoutes)[number];
