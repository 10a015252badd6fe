import type { History, Step } from './history/steps.ts';
import type { Invariant } from './parts/ledger.ts';

/** A history told on purpose, by which a promise was once broken. */
export interface ScriptedHistory {
  name: string;
  /** The promise that it broke. */
  breaks: Invariant;
  history: History;
  /** Promises that are none of this history's business. */
  ignored?: readonly Invariant[];
}

type Script = Omit<ScriptedHistory, 'history'> & { steps: Step[] } & Partial<Omit<History, 'steps'>>;

const fixed = (maxSessions: number) => ({ kind: 'fixed' as const, maxSessions });
const task = (maxSessions: number) => ({ kind: 'task' as const, maxSessions });
const SETTLING_MS = 5_000;

/** The first session runs on this worker before anything else happens. */
const first = (worker: number): Step => ({ at: 0, do: 'migrate', session: 0, worker });
/** So long after that. */
const after = (ms: number) => SETTLING_MS + ms;

function tell({ name, breaks, ignored, steps, ...about }: Script): ScriptedHistory {
  const { seed = 1, workers = [fixed(3), fixed(3)], sessions = 1, lastsMs = 60_000 } = about;
  const history = { seed, workers, sessions, steps, lastsMs };
  return { name, breaks, history, ...(ignored === undefined ? {} : { ignored }) };
}

/** Each is a hole that the protocol of ownership once had. */
export const SCRIPTED: readonly ScriptedHistory[] = [
  tell({
    name: 'a heartbeat is answered before a move and heard after it',
    breaks: 'one live owner',
    steps: [
      first(0),
      {
        at: after(0),
        do: 'slow',
        worker: 0,
        route: 'heartbeatWorker',
        leg: 'answer',
        byMs: 900,
        forMs: 60_000,
      },
      {
        at: after(0),
        do: 'slow',
        worker: 0,
        route: 'reportSessionStatus',
        leg: 'request',
        byMs: 5_000,
        forMs: 60_000,
      },
      { at: after(5_600), do: 'migrate', session: 0, worker: 1 },
    ],
  }),
  tell({
    name: 'another client logs in as the device and leaves again',
    breaks: 'wanted sessions are connected in the end',
    steps: [first(0), { at: after(0), do: 'replace', session: 0 }],
  }),
  tell({
    name: 'the supervisor acts on a list in which a worker had been fenced that runs again',
    breaks: 'one live owner',
    workers: [fixed(3), fixed(3), fixed(3)],
    sessions: 2,
    steps: [
      first(0),
      { at: 10, do: 'migrate', session: 1, worker: 2 },
      { at: after(0), do: 'kill', worker: 1, provenAfterMs: 50 },
      { at: after(500), do: 'lose', worker: 0, route: '*', leg: 'answer', forMs: 30_000 },
      { at: after(600), do: 'drain', worker: 0 },
      { at: after(1_000), do: 'supervise' },
      { at: after(1_200), do: 'start', worker: 1 },
      { at: after(2_000), do: 'migrate', session: 1, worker: 1 },
    ],
  }),
  tell({
    name: 'a process unregisters so late that another runs under its name',
    breaks: 'one live owner',
    steps: [
      first(0),
      {
        at: after(0),
        do: 'slow',
        worker: 0,
        route: 'unregisterSelf',
        leg: 'request',
        byMs: 15_000,
        forMs: 30_000,
      },
      { at: after(100), do: 'terminate', worker: 0 },
      { at: after(8_000), do: 'start', worker: 0 },
      { at: after(10_000), do: 'migrate', session: 0, worker: 0 },
    ],
  }),
  tell({
    name: 'an administrator removes a worker that runs',
    breaks: 'one live owner',
    steps: [first(0), { at: after(0), do: 'remove', worker: 0 }],
  }),
  tell({
    name: 'a command arrives at the next process of the worker that it was meant for',
    breaks: 'one live owner',
    workers: [fixed(3), fixed(3), fixed(3)],
    steps: [
      first(2),
      { at: after(0), do: 'cut', worker: 1, link: 'storage', forMs: 24_000 },
      {
        at: after(0),
        do: 'slow',
        worker: 0,
        route: 'workerStartSession',
        leg: 'request',
        byMs: 16_500,
        forMs: 3_000,
      },
      {
        at: after(0),
        do: 'slow',
        worker: 0,
        route: 'reportSessionStatus',
        leg: 'request',
        byMs: 20_000,
        forMs: 60_000,
      },
      { at: after(1_000), do: 'migrate', session: 0, worker: 0 },
      { at: after(3_000), do: 'kill', worker: 0, provenAfterMs: 50 },
      { at: after(7_000), do: 'start', worker: 0 },
    ],
  }),
  tell({
    name: 'a worker comes back with less room than it has sessions',
    breaks: 'wanted sessions are connected in the end',
    sessions: 3,
    steps: [
      first(0),
      { at: 10, do: 'migrate', session: 1, worker: 0 },
      { at: 20, do: 'migrate', session: 2, worker: 0 },
      { at: after(0), do: 'kill', worker: 0, provenAfterMs: null },
      { at: after(100), do: 'start', worker: 0, maxSessions: 1 },
    ],
  }),
  tell({
    name: 'a worker adopts what waits, and may hold less than it could',
    breaks: 'adoption stays within capacity',
    workers: [fixed(3), fixed(3)],
    sessions: 3,
    steps: [
      { at: 0, do: 'resize', worker: 0, maxSessions: 1 },
      { at: 1_000, do: 'kill', worker: 0, provenAfterMs: 50 },
      { at: 1_000, do: 'kill', worker: 1, provenAfterMs: 50 },
      { at: 3_000, do: 'start', worker: 0 },
      { at: 20_000, do: 'start', worker: 1 },
    ],
  }),
  tell({
    name: 'a session is of an earlier generation of the worker that runs it',
    breaks: 'one live owner',
    steps: [
      first(1),
      { at: after(0), do: 'lag', steps: 5 },
      {
        at: after(0),
        do: 'slow',
        worker: 0,
        route: 'workerStartSession',
        leg: 'request',
        byMs: 15_000,
        forMs: 3_000,
      },
      { at: after(1_000), do: 'migrate', session: 0, worker: 0 },
      { at: after(3_000), do: 'kill', worker: 0, provenAfterMs: null },
      { at: after(4_000), do: 'start', worker: 0 },
      { at: after(20_000), do: 'restart', session: 0 },
    ],
  }),
  tell({
    name: 'a worker that is being emptied dies, and nobody tells',
    breaks: 'wanted sessions are connected in the end',
    workers: [task(3), task(3)],
    steps: [
      first(0),
      { at: after(0), do: 'cut', worker: 0, link: 'commands', forMs: 30_000 },
      { at: after(100), do: 'drain', worker: 0 },
      { at: after(1_000), do: 'kill', worker: 0, provenAfterMs: null },
    ],
  }),
  tell({
    name: 'a worker is killed soon after a message is sent',
    breaks: 'one fact has one event id',
    steps: [
      first(0),
      { at: after(0), do: 'send', session: 0, isAsync: false },
      { at: after(1_500), do: 'kill', worker: 0, provenAfterMs: 50 },
    ],
  }),
];
