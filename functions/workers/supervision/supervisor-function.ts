import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { normalizeSlug } from '../../../shared/text/slug.ts';
import type { Deps } from '../../deps.ts';
import { sweepDue } from '../../messages/outbox/sweep-due.ts';
import { declareDead } from './declare-dead.ts';
import { measureFleet, toEmbeddedMetrics } from './fleet-metrics.ts';
import { type FleetSize, SINGLE_WORKER } from './plan-retirement.ts';
import { retireWorkers, takeDeployment } from './retire-workers.ts';
import { superviseWorkers } from './supervise-workers.ts';

export interface SupervisorOptions {
  /** Milliseconds for which one invocation keeps looking. */
  loopMs: number;
  fleet?: FleetSize;
  wait?: (ms: number) => Promise<unknown>;
  /** Writes one line straight to standard output, since Lambda's console would wrap it. */
  writeLine?: (line: string) => void;
}

const PAUSE_MS = 5_000;
/** Counts no further: the alarm fires anyway. */
const MAX_COUNTED = 1_000;

/** Returns how long the most overdue delivery or message had been due, in seconds. */
async function look(deps: Deps): Promise<number> {
  const requestId = randomUUID();
  const evacuated = await superviseWorkers(deps, { requestId });
  if (evacuated.length > 0) deps.log.info({ requestId, evacuated }, 'sessions were taken off workers');
  return (await sweepDue(deps)).oldestDueS;
}

async function writeMetrics(
  deps: Deps,
  oldestDueS: number,
  writeLine: (line: string) => void,
): Promise<void> {
  const { stores } = deps;
  const [workers, unplaced] = await Promise.all([
    stores.workers.list(),
    stores.sessions.listUnplacedIds(MAX_COUNTED).then((ids) => stores.sessions.getMany(ids)),
  ]);
  const now = deps.now();
  const metrics = { ...measureFleet(workers, unplaced, now), oldestDueS };
  writeLine(toEmbeddedMetrics(metrics, deps.config.environment, now));
}

/**
 * Invoked by a schedule each minute, and by ECS when a task has stopped, which proves its death. It may
 * overlap itself: every move is a conditional write.
 */
export function supervisorFunction(deps: Deps, options: SupervisorOptions) {
  const {
    loopMs,
    fleet = SINGLE_WORKER,
    wait = sleep,
    writeLine = (line) => process.stdout.write(`${line}\n`),
  } = options;
  return async (event: unknown): Promise<void> => {
    const dead = stoppedWorker(event);
    if (dead !== undefined) {
      await declareDead(deps, dead.workerId, { requestId: dead.requestId });
      return;
    }
    await takeDeployment(deps, event);
    const until = deps.now() + loopMs;
    await retireWorkers(deps, fleet);
    // Metrics are written after the first look, so that their absence means that looking fails.
    await writeMetrics(deps, await look(deps), writeLine);
    while (deps.now() + PAUSE_MS <= until) {
      await wait(PAUSE_MS);
      await look(deps);
    }
  };
}

/** ECS's event, as far as it proves a death. */
const TaskStopped = z.object({
  id: z.string(),
  'detail-type': z.literal('ECS Task State Change'),
  detail: z.object({ taskArn: z.string(), lastStatus: z.literal('STOPPED') }),
});

/** The worker of a stopped task: on ECS a worker's id is its task's id, which is never used again. */
export function stoppedWorker(event: unknown): { workerId: string; requestId: string } | undefined {
  const parsed = TaskStopped.safeParse(event);
  if (!parsed.success) return undefined;
  const { id, detail } = parsed.data;
  return { workerId: normalizeSlug(detail.taskArn.split('/').at(-1) ?? ''), requestId: id };
}
