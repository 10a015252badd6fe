import { type Random, randomStream } from '../engine/random.ts';
import type { LinkName } from '../models/model-network.ts';
import type { History, Step } from './steps.ts';

const LINKS: readonly LinkName[] = ['control', 'commands', 'storage', 'whatsapp'];
/** Of both APIs, those that ownership depends on; `*` is every one. */
const ROUTES = [
  ...['heartbeatWorker', 'heartbeatWorker', 'registerWorker', 'releaseSession', 'unregisterSelf'],
  ...['reportSessionStatus', 'recordWorkerEvents', 'reportMessageStatus', '*'],
  ...['workerStartSession', 'workerConnectSession', 'workerDisconnectSession', 'workerSend'],
];

type Draw = (random: Random, sizes: { workers: number; sessions: number }) => DistributiveOmit<Step, 'at'>;
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

const worker: (random: Random, sizes: { workers: number }) => number = (random, { workers }) =>
  random.below(workers);
const session: (random: Random, sizes: { sessions: number }) => number = (random, { sessions }) =>
  random.below(sessions);
/** Short ones are common; a few are longer than a lease. */
const duration = (random: Random) =>
  random.pick([300, 1_000, 3_000, 6_000, 10_000, 20_000, 45_000, 100_000, 160_000]);

/** How often each kind of step is drawn, against the others. */
const STEPS: readonly (readonly [weight: number, draw: Draw])[] = [
  [14, (random, sizes) => ({ do: 'write', session: session(random, sizes) })],
  [12, (random, sizes) => ({ do: 'send', session: session(random, sizes), isAsync: random.chance(0.25) })],
  [7, (random, sizes) => ({ do: 'connect', session: session(random, sizes) })],
  [4, (random, sizes) => ({ do: 'disconnect', session: session(random, sizes) })],
  [2, (random, sizes) => ({ do: 'restart', session: session(random, sizes) })],
  [1, (random, sizes) => ({ do: 'logout', session: session(random, sizes) })],
  [0.3, (random, sizes) => ({ do: 'delete', session: session(random, sizes) })],
  [0.5, (random, sizes) => ({ do: 'replace', session: session(random, sizes) })],
  [7, (random, sizes) => ({ do: 'start', worker: worker(random, sizes) })],
  [1, (random, sizes) => ({ do: 'start', worker: worker(random, sizes), maxSessions: random.between(1, 5) })],
  [
    3,
    (random, sizes) => ({
      ...{ do: 'kill', worker: worker(random, sizes) },
      provenAfterMs: random.pick([null, 50, 500, 2_000, 8_000, 30_000]),
    }),
  ],
  [2, (random, sizes) => ({ do: 'terminate', worker: worker(random, sizes) })],
  [3, (random, sizes) => ({ do: 'pause', worker: worker(random, sizes), forMs: duration(random) })],
  [
    1,
    (random, sizes) => ({
      do: 'set-clock',
      worker: worker(random, sizes),
      byMs: random.pick([-60_000, -2_000, 2_000, 60_000]),
    }),
  ],
  [
    4,
    (random, sizes) => ({
      do: 'cut',
      worker: worker(random, sizes),
      link: random.pick(LINKS),
      forMs: duration(random),
    }),
  ],
  [
    10,
    (random, sizes) => ({
      ...{ do: 'slow', worker: worker(random, sizes), route: random.pick(ROUTES) },
      leg: random.pick(['request', 'answer']),
      byMs: random.pick([200, 900, 2_000, 5_000, 7_500, 20_000]),
      forMs: duration(random),
    }),
  ],
  [
    4,
    (random, sizes) => ({
      ...{ do: 'lose', worker: worker(random, sizes), route: random.pick(ROUTES) },
      leg: random.pick(['request', 'answer']),
      forMs: duration(random),
    }),
  ],
  [
    3,
    (random, sizes) => ({
      ...{ do: 'repeat', worker: worker(random, sizes), route: random.pick(ROUTES) },
      afterMs: random.pick([5, 500, 5_000, 15_000]),
      forMs: duration(random),
    }),
  ],
  [1, (random) => ({ do: 'storage-away', forMs: duration(random) })],
  [2, (random) => ({ do: 'table', how: random.pick(['away', 'unsure', 'slow']), forMs: duration(random) })],
  [4, (random) => ({ do: 'lag', steps: random.below(6) })],
  [3, (random) => ({ do: 'crash-functions', share: random.pick([0.3, 1]) })],
  [3, (random, sizes) => ({ do: 'drain', worker: worker(random, sizes) })],
  [1, (random, sizes) => ({ do: 'maintain', worker: worker(random, sizes) })],
  [5, (random, sizes) => ({ do: 'activate', worker: worker(random, sizes) })],
  [1, (random, sizes) => ({ do: 'remove', worker: worker(random, sizes) })],
  [
    1,
    (random, sizes) => ({ do: 'resize', worker: worker(random, sizes), maxSessions: random.between(1, 6) }),
  ],
  [
    6,
    (random, sizes) => ({
      ...{ do: 'migrate', session: session(random, sizes) },
      worker: random.chance(0.5) ? worker(random, sizes) : null,
    }),
  ],
  [2, () => ({ do: 'supervise' })],
];
const TOTAL = STEPS.reduce((sum, [weight]) => sum + weight, 0);

function drawStep(
  random: Random,
  sizes: { workers: number; sessions: number },
): DistributiveOmit<Step, 'at'> {
  let left = random.next() * TOTAL;
  for (const [weight, draw] of STEPS) {
    left -= weight;
    if (left < 0) return draw(random, sizes);
  }
  return { do: 'supervise' };
}

/** Mostly one thing close after another, and now and then a while in which everything takes its course. */
const GAPS_MS = [20, 100, 300, 600, 1_000, 2_000, 3_000, 5_000, 12_000];

/** A history of so many steps, as its seed has it. */
export function drawHistory(seed: number, length: number): History {
  const random = randomStream(seed, 'history');
  const workers = Array.from({ length: random.between(2, 3) }, () => ({
    kind: random.pick(['fixed', 'fixed', 'task'] as const),
    maxSessions: random.between(2, 5),
  }));
  const room = workers.reduce((sum, { maxSessions }) => sum + maxSessions, 0);
  const sessions = Math.min(random.between(2, 5), room - 1);
  const sizes = { workers: workers.length, sessions };
  const steps: Step[] = [];
  let lastsMs = 0;
  while (steps.length < length) {
    steps.push({ at: lastsMs, ...drawStep(random, sizes) } as Step);
    lastsMs += random.chance(0.02) ? random.between(30_000, 110_000) : random.pick(GAPS_MS);
  }
  return { seed, workers, sessions, steps, lastsMs };
}
