import * as z from 'zod';

/** What ECS tells of a service's deployment. */
export const DEPLOYMENT_EVENTS = [
  'SERVICE_DEPLOYMENT_IN_PROGRESS',
  'SERVICE_DEPLOYMENT_COMPLETED',
  'SERVICE_DEPLOYMENT_FAILED',
] as const;

/** ECS's event, as far as it tells which tasks are leaving. */
export const DeploymentChange = z.object({
  'detail-type': z.literal('ECS Deployment State Change'),
  detail: z.object({ eventName: z.enum(DEPLOYMENT_EVENTS), updatedAt: z.iso.datetime({ offset: true }) }),
});
