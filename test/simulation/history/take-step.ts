import type { Caller } from '../../../functions/http/caller.ts';
import { declareDead } from '../../../functions/workers/supervision/declare-dead.ts';
import { superviseWorkers } from '../../../functions/workers/supervision/supervise-workers.ts';
import type { LinkName } from '../models/model-network.ts';
import type { World } from '../parts/world.ts';
import type { Step } from './steps.ts';

const ADMIN: Caller = {
  kind: 'user',
  userId: 'admin',
  accountKey: 'ACCOUNT#admin',
  role: 'ADMIN',
  expiresAt: Number.MAX_SAFE_INTEGER,
};
/** How long an administrator's worker is looked for by its slot's newest id. */
const LINKS: readonly LinkName[] = ['control', 'commands', 'storage', 'whatsapp'];

/** The id of the worker that runs in a slot, or ran there last. */
function workerIdOf({ fleet }: World, worker: number): string {
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

/** One look of the supervisor, beside whichever other is under way. */
export function supervise({ plane, trace }: World): Promise<unknown> {
  return plane
    .invoke('supervise', () => superviseWorkers(plane.deps, { requestId: 'supervisor' }), 58_000)
    .then(
      (evacuated) =>
        evacuated !== undefined &&
        evacuated.length > 0 &&
        trace.note(`supervisor: ${JSON.stringify(evacuated)}`),
    )
    .catch((thrown: unknown) => trace.note(`supervisor failed: ${String(thrown)}`));
}

function kill(world: World, { worker, provenAfterMs }: Extract<Step, { do: 'kill' }>): void {
  const { fleet, plane, time, outside, trace } = world;
  const dead = fleet.end(fleet.slot(worker), 'is killed');
  if (dead === undefined || provenAfterMs === null) return;
  time.schedule(outside, provenAfterMs, 'io', () => {
    trace.note(`the death of ${dead.workerId} is told`);
    plane
      .invoke('bury', () => declareDead(plane.deps, dead.workerId, { requestId: 'orchestrator' }))
      .catch((thrown: unknown) => trace.note(`a death could not be told: ${String(thrown)}`));
  });
}

function pause(
  { fleet, time, outside, trace }: World,
  { worker, forMs }: Extract<Step, { do: 'pause' }>,
): void {
  const { process } = fleet.slot(worker);
  if (process === undefined) return;
  const { host } = process;
  time.pause(host);
  time.schedule(outside, forMs, 'io', () => {
    trace.note(`${host.name} goes on`);
    time.resume(host);
  });
}

const within = <T extends { forMs: number }>({ forMs, ...rest }: T, now: number) => ({
  ...rest,
  until: now + forMs,
});

/** Makes one step of a history happen; what follows from it takes its own time. */
export function takeStep(world: World, step: Step): void {
  const { fleet, network, weather, table, time, tenants, plane } = world;
  const { now } = time;
  switch (step.do) {
    case 'start':
      return fleet.start(fleet.slot(step.worker));
    case 'kill':
      return kill(world, step);
    case 'terminate':
      return fleet.slot(step.worker).process?.terminate();
    case 'pause':
      return pause(world, step);
    case 'set-clock': {
      const { process } = fleet.slot(step.worker);
      if (process !== undefined) process.host.wallOffsetMs += step.byMs;
      return undefined;
    }
    case 'cut':
      return network.add({ kind: 'cut', worker: step.worker, link: step.link, until: now + step.forMs });
    case 'slow':
    case 'lose':
    case 'repeat': {
      const { do: kind, at: _, ...fault } = step;
      return network.add({ ...within(fault, now), kind } as Parameters<typeof network.add>[0]);
    }
    case 'storage-away':
      weather.storageAwayUntil = now + step.forMs;
      for (const { index } of fleet.slots)
        network.add({ kind: 'cut', worker: index, link: 'storage', until: now + step.forMs });
      return undefined;
    case 'table':
      weather.table = { how: step.how, until: now + step.forMs };
      return undefined;
    case 'lag':
      table.index.lagSteps = step.steps;
      return undefined;
    case 'crash-functions': {
      const random = time.random(`crash ${step.at}`);
      plane.crash(() => random.chance(step.share));
      return undefined;
    }
    case 'supervise':
      return void supervise(world);
    case 'send':
      return void tenants.send(tenants.session(step.session), step.isAsync);
    case 'write':
      return tenants.write(tenants.session(step.session));
    default:
      return askFor(world, step);
  }
}

type Asking = Extract<
  Step,
  {
    do:
      | 'drain'
      | 'maintain'
      | 'activate'
      | 'remove'
      | 'resize'
      | 'migrate'
      | 'connect'
      | 'disconnect'
      | 'restart'
      | 'logout'
      | 'delete';
  }
>;

/** What administrators and tenants ask of the control plane. */
function askFor(world: World, step: Asking): void {
  const { tenants } = world;
  if (step.do === 'migrate') {
    const { sessionId } = tenants.session(step.session);
    const body = step.worker === null ? {} : { workerId: workerIdOf(world, step.worker) };
    return askAsAdmin(world, 'POST', `/api/v1/sessions/${sessionId}/migrate`, body);
  }
  if ('session' in step) return void tenants.call(tenants.session(step.session), step.do);
  const path = `/api/v1/workers/${workerIdOf(world, step.worker)}`;
  switch (step.do) {
    case 'drain':
      return askAsAdmin(world, 'POST', `${path}/drain`);
    case 'maintain':
      return askAsAdmin(world, 'PUT', path, { status: 'MAINTENANCE' });
    case 'activate':
      return askAsAdmin(world, 'PUT', path, { status: 'ONLINE' });
    case 'resize':
      return askAsAdmin(world, 'PUT', path, { maxSessions: step.maxSessions });
    case 'remove':
      return askAsAdmin(world, 'DELETE', path);
  }
}

export { LINKS };
