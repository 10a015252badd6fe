import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from '../../shared/contract/api-error.ts';
import type { Fleet, Line } from './start-fleet.ts';

export interface TrafficOutcome {
  sent: number;
  /** With the documented client, which repeats what may be repeated. */
  failed: number;
  /** The codes of those that failed. */
  failures: string[];
  /** Acknowledged, and not with the friend in the end. */
  lostOut: number;
  received: number;
  /** Written by the friend, and not told to the tenant in the end. */
  lostIn: number;
}

const TRIES = 12;
const RETRIED = new Set([429, 500, 502, 503, 504]);
const ARRIVAL_MS = 60_000;

/** A send as `docs/integrating.md` has it: under one key, again where that makes sense. */
async function send({ tenant, sessionId }: Line, to: string, message: string): Promise<string> {
  const headers = { 'idempotency-key': randomUUID() };
  const request = { params: { sessionId }, body: { to, type: 'text' as const, message } };
  for (let attempt = 1; ; attempt += 1)
    try {
      return (await tenant.api.sendMessage(request, { headers, timeoutMs: 35_000 })).data.messageId;
    } catch (thrown) {
      const isRefused = thrown instanceof ApiError && !RETRIED.has(thrown.status);
      if (isRefused || attempt === TRIES) throw thrown;
      const pauseS = thrown instanceof ApiError ? thrown.retryAfterS : undefined;
      await sleep((pauseS ?? 1) * 1_000 * (1 + Math.random() / 4));
    }
}

/** Both ways on every line, with a pause after each message, until `stop`, which resolves once everything has arrived, or has not for long. */
export function startTraffic(fleet: Fleet, pauseMs: number): { stop(): Promise<TrafficOutcome> } {
  const { sandbox } = fleet.gateway;
  const outcome: TrafficOutcome = { sent: 0, failed: 0, failures: [], lostOut: 0, received: 0, lostIn: 0 };
  const out: string[] = [];
  const written: { line: Line; id: string }[] = [];
  const over = new AbortController();
  const pause = () => sleep(pauseMs, undefined, { signal: over.signal }).catch(() => undefined);

  async function sendOn(line: Line): Promise<void> {
    for (let index = 0; !over.signal.aborted; index += 1) {
      try {
        out.push(await send(line, fleet.friend, `out ${index}`));
        outcome.sent += 1;
      } catch (thrown) {
        outcome.failed += 1;
        outcome.failures.push(
          thrown instanceof ApiError ? (thrown.code ?? String(thrown.status)) : String(thrown),
        );
      }
      await pause();
    }
  }
  async function writeTo(line: Line): Promise<void> {
    for (let index = 0; !over.signal.aborted; index += 1) {
      const { ids } = await sandbox.send(fleet.friend, { to: line.number, text: `in ${index}` });
      for (const id of ids) written.push({ line, id });
      await pause();
    }
  }
  const running = fleet.lines.flatMap((line) => [sendOn(line), writeTo(line)]);

  return {
    async stop() {
      over.abort();
      await Promise.all(running);
      for (const id of out) {
        const { messages } = await sandbox.inbox(fleet.friend, { id, waitMs: ARRIVAL_MS });
        if (messages.length !== 1) outcome.lostOut += 1;
      }
      for (const { line, id } of written)
        await line.live
          .waitFor('message_received', (data) => data.id === id, ARRIVAL_MS)
          .then(
            () => {
              outcome.received += 1;
            },
            () => {
              outcome.lostIn += 1;
            },
          );
      return outcome;
    },
  };
}
