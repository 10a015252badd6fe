import { accountPlatformRoutes, accountRoutes } from '../accounts/routes.ts';
import { administrationRoutes } from '../administration/routes.ts';
import { apiKeyRoutes } from '../api-keys/routes.ts';
import { callbackRoutes } from '../callbacks/routes.ts';
import { conversationRoutes } from '../conversations/routes.ts';
import { historyRoutes } from '../history/routes.ts';
import { mediaRoutes } from '../media/routes.ts';
import { messageRoutes } from '../messages/routes.ts';
import { outboxRoutes } from '../outbox/routes.ts';
import { sessionRoutes } from '../sessions/routes.ts';
import { systemRoutes } from '../system/routes.ts';
import { usageRoutes } from '../usage/routes.ts';
import { webhookRoutes } from '../webhooks/routes.ts';
import { workerControlRoutes } from '../workers/routes.ts';

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
