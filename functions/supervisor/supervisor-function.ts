import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Deps } from '../deps.ts';
import { sweepDue } from '../outbox/sweep-due.ts';
import { declareDead } from '../workers/declare-dead.ts';
import { superviseWorkers } from '../workers/supervise-workers.ts';
import { measureFleet, toEmbeddedMetrics } from './fleet-metrics.ts';
import { type FleetSize, SINGLE_WORKER } from './plan-retirement.ts';
import { retireWorkers, takeDeployment } from './retire-workers.ts';
import { stoppedWorker } from './task-stopped.ts';

export interface SupervisorOptions {
  /** Milliseconds for which one invocation keeps looking. */
  loopMs: number;
  fleet?: FleetSize;
  wait?: (ms: number) => Promise<unknown>;
  /** Takes one line; straight to standard output, since Lambda's console would wrap it. */
  writeLine?: (line: string) => void;
}

const PAUSE_MS = 5_000;
/** More than that is as alarming as that. */
const MAX_COUNTED = 1_000;

/** Answers how long the most overdue delivery or message had been due, in seconds. */
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
 * Called by a schedule each minute, and by ECS when a task has stopped, which is proof of death. May overlap
 * itself: every move it makes is a conditional write.
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
    // After the first look, so that silence means that looking fails.
    await writeMetrics(deps, await look(deps), writeLine);
    while (deps.now() + PAUSE_MS <= until) {
      await wait(PAUSE_MS);
      await look(deps);
    }
  };
}
