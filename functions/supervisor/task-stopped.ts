import * as z from 'zod';
import { normalizeSlug } from '../../shared/ids/slug.ts';

/** ECS's event, as far as it proves a death. */
const TaskStopped = z.object({
  id: z.string(),
  'detail-type': z.literal('ECS Task State Change'),
  detail: z.object({ taskArn: z.string(), lastStatus: z.literal('STOPPED') }),
});

/** The worker that a stopped task was: on ECS a worker's id is its task's, which is never used again. */
export function stoppedWorker(event: unknown): { workerId: string; requestId: string } | undefined {
  const parsed = TaskStopped.safeParse(event);
  if (!parsed.success) return undefined;
  const { id, detail } = parsed.data;
  return { workerId: normalizeSlug(detail.taskArn.split('/').at(-1) ?? ''), requestId: id };
}
