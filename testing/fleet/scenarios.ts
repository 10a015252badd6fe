import { setTimeout as sleep } from 'node:timers/promises';
import type { Fleet, Line } from './start-fleet.ts';
import { startTraffic, type TrafficOutcome } from './traffic.ts';

/** What a scenario has seen; times in milliseconds. */
export interface Figures {
  [name: string]: number | string[] | Figures;
}

export const idOf = (fleet: Fleet, index: number) => fleet.gateway.workers[index]?.workerId ?? '';
const POLL_MS = 50;

async function until(holds: () => Promise<boolean>, timeoutMs: number, what: string): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`${what}: not within ${timeoutMs} ms`);
    await sleep(POLL_MS);
  }
}

const PAUSE_MS = 700;
/** A session's reports go one by one: five seconds late each, they take no more than this. */
const LATE_PAUSE_MS = 20_000;

async function withTraffic(fleet: Fleet, work: () => Promise<Figures>, pauseMs = PAUSE_MS): Promise<Figures> {
  const before = await fleet.count();
  const traffic = startTraffic(fleet, pauseMs);
  const figures = await work();
  const outcome: TrafficOutcome = await traffic.stop();
  const after = await fleet.count();
  return {
    ...figures,
    logins: after.logins - before.logins,
    replaced: after.replaced - before.replaced,
    decryptionFailures: after.decryptionFailures,
    traffic: { ...outcome },
  };
}

async function owners(fleet: Fleet): Promise<Map<Line, string | undefined>> {
  return new Map(
    await Promise.all(fleet.lines.map(async (line) => [line, await fleet.ownerOf(line)] as const)),
  );
}

const allConnected = (fleet: Fleet, timeoutMs: number) =>
  Promise.all(fleet.lines.map((line) => fleet.connected(line, timeoutMs)));

/** Late answers and later reports: what a busy machine does, always. */
export function delayAnswers(fleet: Fleet): void {
  fleet.proxy.delayOf = (_, path) => {
    if (path.endsWith('/heartbeat')) return { answerMs: 900 };
    return path.includes('/webhooks/') || path.endsWith('/events') ? { requestMs: 5_000 } : {};
  };
}

async function migrate(fleet: Fleet, line: Line): Promise<void> {
  const from = await fleet.ownerOf(line);
  const to = fleet.gateway.workers.find(({ workerId }) => workerId !== from)?.workerId;
  await fleet.admin.migrateSession({ params: { sessionId: line.sessionId }, body: { workerId: to } });
  await until(async () => (await fleet.ownerOf(line)) !== from, 60_000, 'a migration');
}

/** Empties one worker and lets it serve again; answers how many sessions it had. */
async function drain(fleet: Fleet, workerId: string, status: 'DRAINING' | 'MAINTENANCE'): Promise<number> {
  const had = [...(await owners(fleet)).values()].filter((owner) => owner === workerId).length;
  await fleet.admin.updateWorker({ params: { workerId }, body: { status } });
  const isEmpty = async () => ![...(await owners(fleet)).values()].includes(workerId);
  await until(isEmpty, 120_000, 'a drain');
  await fleet.admin.updateWorker({ params: { workerId }, body: { status: 'ONLINE' } });
  return had;
}

/** Migrations and drains by turns. Each moved session logs in once: any login beyond is a second owner's. */
export async function moves(fleet: Fleet, count: number): Promise<Figures> {
  delayAnswers(fleet);
  const figures = await withTraffic(
    fleet,
    async () => {
      let moved = 0;
      for (let round = 0; moved < count; round += 1) {
        const line = fleet.lines[round % fleet.lines.length];
        if (line === undefined) break;
        if (round % 4 === 3) {
          const owner = (await fleet.ownerOf(line)) ?? '';
          moved += await drain(fleet, owner, round % 8 === 3 ? 'DRAINING' : 'MAINTENANCE');
        } else {
          await migrate(fleet, line);
          moved += 1;
        }
        await allConnected(fleet, 60_000);
      }
      return { moved };
    },
    LATE_PAUSE_MS,
  );
  return { ...figures, secondLogins: Number(figures['logins']) - Number(figures['moved']) };
}

/** kill -9 of a worker, whose exit is proof of its death. */
export async function kill(fleet: Fleet): Promise<Figures> {
  const victim = idOf(fleet, 0);
  return await withTraffic(fleet, async () => {
    const had = [...(await owners(fleet))].filter(([, owner]) => owner === victim).map(([line]) => line);
    await fleet.gateway.killWorker(0, 'SIGKILL');
    const diedAt = Date.now();
    await Promise.all(had.map((line) => fleet.connected(line, 120_000)));
    const connectedMs = Date.now() - diedAt;
    const now = await owners(fleet);
    const spread: Figures = {};
    for (const line of had) {
      const owner = now.get(line) ?? 'nobody';
      spread[owner] = Number(spread[owner] ?? 0) + 1;
    }
    return { sessions: had.length, connectedMs, spread };
  });
}

/** Every worker in turn is told to end, and started anew. */
export async function rolling(fleet: Fleet): Promise<Figures> {
  return await withTraffic(fleet, async () => {
    const stopMs: Figures = {};
    for (const [index, { workerId }] of fleet.gateway.workers.entries()) {
      const registered = fleet.gateway.workerRegistered(workerId);
      const at = Date.now();
      await fleet.gateway.killWorker(index, 'SIGTERM');
      stopMs[workerId] = Date.now() - at;
      await registered;
      await allConnected(fleet, 120_000);
    }
    return { stopMs };
  });
}

/** The workers cannot reach the control plane for a while that is shorter than their leases. */
export async function partition(fleet: Fleet, cutMs: number): Promise<Figures> {
  return await withTraffic(fleet, async () => {
    fleet.proxy.isCut = true;
    await sleep(cutMs);
    fleet.proxy.isCut = false;
    await allConnected(fleet, 120_000);
    return { cutMs };
  });
}

/** One worker stands still, longer than its lease, and goes on. */
export async function freeze(fleet: Fleet, stillMs: number): Promise<Figures> {
  const pid = fleet.gateway.workers[0]?.pid;
  if (pid === undefined) throw new Error('the first worker does not run');
  return await withTraffic(fleet, async () => {
    process.kill(pid, 'SIGSTOP');
    try {
      await sleep(stillMs);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await allConnected(fleet, 180_000);
    return { stillMs };
  });
}

/** An administrator removes a worker that runs. */
export async function removal(fleet: Fleet): Promise<Figures> {
  const workerId = idOf(fleet, 0);
  return await withTraffic(fleet, async () => {
    const had = [...(await owners(fleet)).values()].filter((owner) => owner === workerId).length;
    await fleet.admin.unregisterWorker({ params: { workerId } });
    const isEmpty = async () => ![...(await owners(fleet)).values()].includes(workerId);
    await until(isEmpty, 120_000, 'a removal');
    await allConnected(fleet, 60_000);
    return { moved: had };
  });
}
