import type { Host } from '../engine/host.ts';
import { VirtualTime } from '../engine/virtual-time.ts';
import type { History } from '../history/steps.ts';
import { watchCapacity } from '../invariants/watch-capacity.ts';
import { watchJournals } from '../invariants/watch-journals.ts';
import type { DeviceConnection } from '../models/device-connection.ts';
import { ModelBucket } from '../models/model-bucket.ts';
import { createModelFetch } from '../models/model-fetch.ts';
import { ModelNetwork } from '../models/model-network.ts';
import { ModelTable } from '../models/model-table.ts';
import { ModelWhatsApp } from '../models/model-whatsapp.ts';
import { ControlPlane } from './control-plane.ts';
import { Fleet } from './fleet.ts';
import { type Invariant, Ledger } from './ledger.ts';
import { Tenants } from './tenants.ts';
import { createTrace, type Trace } from './trace.ts';
import { workerRouteIdOf } from './worker-process.ts';

/** Everything there is in one history. */
export interface World {
  time: VirtualTime;
  /** Of everything that is none of ours: orchestrators, administrators, tenants. */
  outside: Host;
  network: ModelNetwork;
  table: ModelTable;
  bucket: ModelBucket;
  whatsapp: ModelWhatsApp;
  plane: ControlPlane;
  fleet: Fleet;
  tenants: Tenants;
  ledger: Ledger;
  trace: Trace;
  weather: {
    storageAwayUntil: number;
    table: { how: 'away' | 'unsure' | 'slow'; until: number } | undefined;
  };
}

const LATENCY_MS = { from: 1, to: 6 };

function setTableWeather(world: Pick<World, 'time' | 'table' | 'weather'>): void {
  const { time, table, weather } = world;
  const random = time.random('table');
  const current = () =>
    weather.table !== undefined && weather.table.until > time.now ? weather.table.how : undefined;
  table.weather = {
    latencyMs: () => {
      const usual = random.between(LATENCY_MS.from, LATENCY_MS.to);
      if (current() === 'slow' && random.chance(0.2)) return random.between(300, 4_000);
      return current() === 'away' ? random.between(1_000, 8_000) : usual;
    },
    fate: (isWrite) => {
      if (current() === 'away') return random.chance(0.3) && isWrite ? 'unknown' : 'lost';
      if (current() === 'unsure' && isWrite && random.chance(0.15)) return 'repeated';
      return 'done';
    },
  };
}

function watchLogins(world: () => World): (connection: DeviceConnection) => void {
  const open = new Map<string, Set<DeviceConnection>>();
  return (connection) => {
    const { fleet, ledger, trace } = world();
    const { sessionId, dialler } = connection;
    trace.note(`${dialler.host.name} is logged in for ${sessionId}`);
    const others = [...(open.get(sessionId) ?? [])].filter((other) => other.isOpenAtClient);
    open.set(sessionId, new Set([...others, connection]));
    if (!fleet.isOwners(connection)) return;
    // It has just been told to go by WhatsApp itself; until then it was an owner like this one.
    for (const other of others)
      if (other.dialler.host !== dialler.host && fleet.isOwners(other))
        ledger.break(
          'one live owner',
          `${dialler.host.name} logged in for ${sessionId} while ${other.dialler.host.name} was its owner`,
        );
  };
}

/** A world before its first moment; its own code runs on no host yet. */
export function createWorld(
  history: History,
  { isTraced, ignored }: { isTraced: boolean; ignored: ReadonlySet<Invariant> },
): World {
  const time = new VirtualTime(history.seed);
  const trace = createTrace(time, isTraced);
  const ledger = new Ledger(time, trace, ignored);
  const outside = time.newHost('outside');
  const network = new ModelNetwork(time);
  const table = new ModelTable();
  const bucket = new ModelBucket(time);
  const weather: World['weather'] = { storageAwayUntil: 0, table: undefined };
  const parts = { time, trace, ledger, outside, network, table, bucket, weather };
  const later: { world?: World } = {};
  const world = () => {
    if (later.world === undefined) throw new Error('The world is not there yet.');
    return later.world;
  };
  const sessionOf = (digits: string) =>
    world().tenants.sessions.find((each) => each.digits === digits)?.sessionId ?? digits;
  const whatsapp = new ModelWhatsApp(time, {
    onLogin: watchLogins(world),
    onReceipted: ({ text }, account) => ledger.onReceipted(text, sessionOf(account)),
    onDelivered: ({ id, text }) => ledger.onDelivered(id, text),
  });
  const fetch = createModelFetch(network, (request, { origin }) => {
    const worker = world().fleet.indexOf(origin);
    const route = workerRouteIdOf(request);
    trace.note(`${origin} is called: ${route} ${request.path} ${request.body ?? ''}`);
    return {
      way: { worker, link: 'commands', route },
      listener: () => world().fleet.at(origin),
      onAnswer: ({ status, body }) =>
        trace.note(`${origin} answers ${route} ${status} ${body.slice(0, 200)}`),
    };
  });
  const isStorageAway = () => weather.storageAwayUntil > time.now;
  const random = time.random('control storage');
  const storage = () => ({ leg: () => ({ delayMs: random.between(3, 20), isLost: isStorageAway() }) });
  const plane = new ControlPlane({ time, table, bucket, ledger, trace, fetch, storage });
  watchCapacity(plane.deps, { table, ledger });
  const fleet = new Fleet(history.workers, {
    ...{ time, network, bucket, whatsapp, ledger, trace },
    plane: () => plane,
    digitsOf: (sessionId) => world().tenants.digitsOf(sessionId),
    storageWitness: watchJournals(ledger, trace),
  });
  const tenants = new Tenants(history.sessions, { time, table, bucket, whatsapp, plane, ledger, trace });
  later.world = { ...parts, whatsapp, plane, fleet, tenants };
  setTableWeather(later.world);
  return later.world;
}
