import type { NetworkFault } from '../models/model-network.ts';
import type { World } from '../parts/world.ts';
import { askAsAdmin, askOfWorker, supervise, tellDeath, workerIdOf } from './ask.ts';
import type { Step } from './steps.ts';

type Take<S> = (world: World, step: S) => void;

/** A fault that lasts for so long from now on. */
function addFault(
  { network, time }: World,
  fault: NetworkFault & { forMs?: number; at?: number; do?: string },
): void {
  const { forMs: _, at: __, do: ___, ...rest } = fault;
  network.add({ ...rest, until: time.now + (fault.forMs ?? 0) });
}

const call: Take<Extract<Step, { do: 'connect' | 'disconnect' | 'restart' | 'logout' | 'delete' }>> = (
  { tenants },
  step,
) => {
  void tenants.call(tenants.session(step.session), step.do);
};

/** What each kind of step does; what follows from it takes its own time. */
const TAKE: { [K in Step['do']]: Take<Step & { do: K }> } = {
  start: ({ fleet }, { worker, maxSessions }) => {
    const slot = fleet.slot(worker);
    if (slot.process === undefined) slot.maxSessions = maxSessions ?? slot.maxSessions;
    fleet.start(slot);
  },
  kill: (world, { worker, provenAfterMs }) => {
    const { fleet, time, outside } = world;
    const slot = fleet.slot(worker);
    const dead = fleet.end(slot, 'is killed');
    if (dead === undefined || provenAfterMs === null) return;
    slot.isToBeTold = slot.kind === 'fixed';
    time.schedule(outside, provenAfterMs, 'io', async () => {
      await tellDeath(world, dead.workerId);
      slot.isToBeTold = false;
    });
  },
  terminate: ({ fleet }, { worker }) => fleet.slot(worker).process?.terminate(),
  pause: ({ fleet, time, outside, trace }, { worker, forMs }) => {
    const host = fleet.slot(worker).process?.host;
    if (host === undefined) return;
    time.pause(host);
    time.schedule(outside, forMs, 'io', () => {
      trace.note(`${host.name} goes on`);
      time.resume(host);
    });
  },
  'set-clock': ({ fleet }, { worker, byMs }) => {
    const { process } = fleet.slot(worker);
    if (process !== undefined) process.host.wallOffsetMs += byMs;
  },
  cut: (world, step) => addFault(world, { ...step, kind: 'cut', until: 0 }),
  slow: (world, step) => addFault(world, { ...step, kind: 'slow', until: 0 }),
  lose: (world, step) => addFault(world, { ...step, kind: 'lose', until: 0 }),
  repeat: (world, step) => addFault(world, { ...step, kind: 'repeat', until: 0 }),
  'storage-away': (world, { forMs }) => {
    world.weather.storageAwayUntil = world.time.now + forMs;
    for (const { index } of world.fleet.slots)
      addFault(world, { kind: 'cut', worker: index, link: 'storage', until: 0, forMs });
  },
  table: ({ weather, time }, { how, forMs }) => {
    weather.table = { how, until: time.now + forMs };
  },
  lag: ({ table }, { steps }) => {
    table.index.lagSteps = steps;
  },
  'crash-functions': ({ plane, time }, { at, share }) => {
    const random = time.random(`crash ${at}`);
    plane.crash(() => random.chance(share));
  },
  supervise: (world) => void supervise(world),
  drain: (world, { worker }) => askOfWorker(world, worker, 'POST', '/drain'),
  maintain: (world, { worker }) => askOfWorker(world, worker, 'PUT', '', { status: 'MAINTENANCE' }),
  activate: (world, { worker }) => askOfWorker(world, worker, 'PUT', '', { status: 'ONLINE' }),
  remove: (world, { worker }) => askOfWorker(world, worker, 'DELETE'),
  resize: (world, { worker, maxSessions }) => askOfWorker(world, worker, 'PUT', '', { maxSessions }),
  migrate: (world, { session, worker }) => {
    const { sessionId } = world.tenants.session(session);
    const body = worker === null ? {} : { workerId: workerIdOf(world, worker) };
    askAsAdmin(world, 'POST', `/api/v1/sessions/${sessionId}/migrate`, body);
  },
  connect: call,
  disconnect: call,
  restart: call,
  logout: call,
  delete: call,
  send: ({ tenants }, { session, isAsync }) => void tenants.send(tenants.session(session), isAsync),
  write: ({ tenants }, { session }) => tenants.write(tenants.session(session)),
  replace: ({ tenants, whatsapp }, { session }) => whatsapp.replace(tenants.session(session).digits),
};

/** Makes one step of a history happen. */
export function takeStep(world: World, step: Step): void {
  // The table pairs each kind with its own step; a look-up in it cannot say so to the compiler.
  (TAKE[step.do] as Take<Step>)(world, step);
}
