import type { Caller } from '../../../functions/http/caller.ts';
import { declareDead } from '../../../functions/workers/supervision/declare-dead.ts';
import { superviseWorkers } from '../../../functions/workers/supervision/supervise-workers.ts';
import type { World } from '../parts/world.ts';

const ADMIN: Caller = {
  kind: 'user',
  userId: 'admin',
  accountKey: 'ACCOUNT#admin',
  role: 'ADMIN',
  expiresAt: Number.MAX_SAFE_INTEGER,
};
const LONGEST_LOOK_MS = 58_000;

/** The id of the worker that runs in a slot, or ran there last. */
export function workerIdOf({ fleet }: World, worker: number): string {
  const slot = fleet.slot(worker);
  return slot.kind === 'task' ? `w${slot.index}-${slot.boots}` : `w${slot.index}`;
}

/** An administrator's call; how it ends is for the trace alone. */
export function askAsAdmin({ plane, trace }: World, method: string, path: string, body?: object): void {
  const request = {
    ...{ method, path, caller: ADMIN, headers: { 'content-type': 'application/json' } },
    body: body === undefined ? undefined : JSON.stringify(body),
  };
  plane.handle(`${method} ${path}`, request).then(
    (answer) => trace.note(`admin: ${method} ${path} -> ${answer.status} ${answer.body.slice(0, 200)}`),
    (thrown: unknown) => trace.note(`admin: ${method} ${path} failed: ${String(thrown)}`),
  );
}

/** An administrator's call about the worker in a slot. */
export function askOfWorker(world: World, worker: number, method: string, more = '', body?: object): void {
  askAsAdmin(world, method, `/api/v1/workers/${workerIdOf(world, worker)}${more}`, body);
}

/** One look of the supervisor, beside whichever other is under way. Never rejects. */
export async function supervise({ plane, trace }: World): Promise<void> {
  try {
    const look = () => superviseWorkers(plane.deps, { requestId: 'supervisor' });
    const evacuated = (await plane.invoke('supervise', look, LONGEST_LOOK_MS)) ?? [];
    if (evacuated.length > 0) trace.note(`supervisor: ${JSON.stringify(evacuated)}`);
  } catch (thrown) {
    trace.note(`supervisor failed: ${String(thrown)}`);
  }
}

/** The orchestrator tells the control plane that a worker's process has ended. Never rejects. */
export async function tellDeath({ plane, trace }: World, workerId: string): Promise<void> {
  trace.note(`the death of ${workerId} is told`);
  try {
    await plane.invoke('bury', () => declareDead(plane.deps, workerId, { requestId: 'orchestrator' }));
  } catch (thrown) {
    trace.note(`a death could not be told: ${String(thrown)}`);
  }
}
