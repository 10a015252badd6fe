import { accountRoutes } from '../accounts/routes.ts';
import { callbackRoutes } from '../callbacks/routes.ts';
import { messageRoutes } from '../messages/routes.ts';
import { sessionRoutes } from '../sessions/routes.ts';
import { systemRoutes } from '../system/routes.ts';
import { webhookRoutes } from '../webhooks/routes.ts';
import { workerControlRoutes } from '../workers/routes.ts';

/** Every route of the control plane. */
export const controlRoutes = [
  ...accountRoutes,
  ...sessionRoutes,
  ...messageRoutes,
  ...workerControlRoutes,
  ...callbackRoutes,
  ...webhookRoutes,
  ...systemRoutes,
] as const;

export type ControlRoute = (typeof controlRoutes)[number];
