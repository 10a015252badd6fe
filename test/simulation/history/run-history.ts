import { checkEnd, findUnsettled } from '../invariants/check-end.ts';
import type { Invariant, Violation } from '../parts/ledger.ts';
import { createWorld, type World } from '../parts/world.ts';
import { supervise } from './ask.ts';
import type { History } from './steps.ts';
import { takeStep } from './take-step.ts';

export interface Outcome {
  violations: readonly Violation[];
  /** Milliseconds from the end of the last fault until all was as wished; `undefined` where it never was. */
  settledAfterMs: number | undefined;
  events: number;
  trace: readonly string[];
}

const LOOK_MS = 5_000;
const SWEEP_MS = 20_000;
const FIRST_STEP_MS = 20_000;
/** After the last fault, whatever is wished has come true by then. */
export const SETTLES_WITHIN_MS = 300_000;
const CHECK_MS = 5_000;
/** What is as wished has to stay so. */
const CALM_MS = 15_000;

/** The supervisor looks every few seconds after its last look; each minute another one begins, as its schedule has it. */
function keepSupervising(world: World): void {
  const { time, outside, plane } = world;
  const look = async (until: number) => {
    await supervise(world);
    if (time.now + LOOK_MS < until) time.schedule(outside, LOOK_MS, 'timer', () => void look(until));
  };
  const begin = () => {
    void look(time.now + 60_000);
    time.schedule(outside, 60_000, 'timer', begin);
  };
  const sweep = () => {
    plane.sweepOutbox();
    time.schedule(outside, SWEEP_MS, 'timer', sweep);
  };
  begin();
  sweep();
}

/** Every fault ends: networks, storage and index are as they should be, and a process runs everywhere. */
function heal(world: World): void {
  const { network, weather, table, fleet, time, trace } = world;
  trace.note('every fault ends');
  network.clear();
  weather.storageAwayUntil = 0;
  weather.table = undefined;
  table.index.catchUp();
  for (const slot of fleet.slots) {
    if (slot.process !== undefined) time.resume(slot.process.host);
    fleet.start(slot);
  }
  // Whoever is to be left has to leave sessions to somebody.
  for (const { index } of fleet.slots) takeStep(world, { at: time.now, do: 'activate', worker: index });
  makeRoom(world);
}

/** Where there is too little room for all sessions, an administrator makes some. */
function makeRoom(world: World): void {
  const { fleet, tenants } = world;
  const [first] = fleet.slots;
  const room = fleet.slots.reduce((sum, { maxSessions }) => sum + maxSessions, 0);
  const missing = tenants.sessions.length - room;
  if (first === undefined || missing <= 0) return;
  const maxSessions = first.maxSessions + missing;
  first.maxSessions = maxSessions;
  takeStep(world, { at: world.time.now, do: 'resize', worker: 0, maxSessions });
}

/** Waits until all is as wished and stays so; answers after how long, `undefined` where that takes too long. */
async function settle(world: World, mayGoOn: () => boolean): Promise<number | undefined> {
  const { time, tenants, outside } = world;
  const healedAt = time.now;
  let calmSince: number | undefined;
  while (time.now < healedAt + SETTLES_WITHIN_MS && mayGoOn()) {
    await time.runUntil(time.now + CHECK_MS, mayGoOn);
    for (const slot of world.fleet.slots) world.fleet.start(slot);
    for (const session of tenants.sessions)
      if (tenants.needsTenant(session)) outside.run(() => void tenants.call(session, 'connect'));
    if (findUnsettled(world).length > 0) calmSince = undefined;
    else calmSince ??= time.now;
    if (calmSince !== undefined && time.now - calmSince >= CALM_MS) return calmSince - healedAt;
  }
  return undefined;
}

/** What waits in the journal of a session that nobody wants connected is told once somebody does. */
function connectAll({ tenants, outside, trace }: World): void {
  trace.note('every session is connected');
  for (const session of tenants.sessions)
    if (!session.wishes.has('deleted')) outside.run(() => void tenants.call(session, 'connect'));
}

export interface RunOptions {
  /** Whether its trace is kept, for whoever will read it. */
  isTraced?: boolean;
  /** Promises that are not held against it. */
  ignored?: readonly Invariant[];
}

/** Tells a history from its beginning until all is well again, or a promise is broken. */
export async function runHistory(
  history: History,
  { isTraced = false, ignored = [] }: RunOptions = {},
): Promise<Outcome> {
  const world = createWorld(history, { isTraced, ignored: new Set(ignored) });
  const { time, outside, ledger, trace, fleet, tenants, table } = world;
  const mayGoOn = () => ledger.violations.length === 0;
  const seeded = outside.run(() => tenants.seed());
  await time.runUntil(200);
  await seeded;
  outside.run(() => {
    for (const slot of fleet.slots) fleet.start(slot);
    keepSupervising(world);
  });
  for (const step of history.steps) {
    await time.runUntil(FIRST_STEP_MS + step.at, mayGoOn);
    if (!mayGoOn()) break;
    const { at: _, ...what } = step;
    trace.note(`STEP ${JSON.stringify(what)}`);
    table.index.step();
    outside.run(() => takeStep(world, step));
  }
  if (mayGoOn()) await time.runUntil(FIRST_STEP_MS + history.lastsMs, mayGoOn);
  const settledAfterMs = await end(world, mayGoOn);
  return { violations: ledger.violations, settledAfterMs, events: time.events, trace: trace.lines };
}

/** The end of every history: faults end, wishes come true, and then every session is wanted once more. */
async function end(world: World, mayGoOn: () => boolean): Promise<number | undefined> {
  if (!mayGoOn()) return undefined;
  world.outside.run(() => heal(world));
  const settledAfterMs = await settle(world, mayGoOn);
  if (mayGoOn() && settledAfterMs === undefined) checkEnd(world);
  if (!mayGoOn()) return undefined;
  connectAll(world);
  if ((await settle(world, mayGoOn)) === undefined && mayGoOn()) checkEnd(world);
  const deleted = world.tenants.sessions.filter(({ wishes }) => wishes.has('deleted'));
  world.ledger.checkMessages((sessionId) => deleted.some((each) => each.sessionId === sessionId));
  return settledAfterMs;
}
