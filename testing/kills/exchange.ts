import { setTimeout as sleep } from 'node:timers/promises';
import type { SandboxVerbs } from '../../sandbox/verbs.ts';
import type { IncomingEvent } from '../../worker/whatsapp/reading/read-message.ts';
import type { GatewayClient } from './gateway-client.ts';

export interface ExchangeOptions {
  sandbox: SandboxVerbs;
  client: GatewayClient;
  owner: string;
  friend: string;
  /** Each way. */
  messages: number;
  /** Begins the ids, so that exchanges are told apart. */
  tag: string;
  /** How many of ours are under way at one time. */
  parallel?: number;
  /** How long what is missing may still come after the last message. */
  settleMs?: number;
}

export interface ExchangeOutcome {
  /** Messages that somebody could not decrypt when they first came. */
  undecryptable: number;
  lost: number;
  twice: number;
}

/** What goes wrong when the two sides of a chat decrypt: failures, requests to send again, refusals. */
export async function countUndecryptable(
  sandbox: SandboxVerbs,
  owner: string,
  friend: string,
): Promise<number> {
  const counters = await sandbox.counters();
  const sum = (number: string) => {
    const of = counters[number];
    return of ? of.decryptionFailures + of.retriesReceived + of.nacks : 0;
  };
  return sum(owner) + sum(friend);
}

/** Nobody waits for so long but where something is lost, or the machine is very slow. */
const SETTLE_MS = 60_000;
const TURN_MS = 3;

/** Both write to each other at once, and everything that was written is looked for on the other side. */
export async function exchange(options: ExchangeOptions): Promise<ExchangeOutcome> {
  const { sandbox, client, owner, friend, messages, tag, parallel = 4, settleMs = SETTLE_MS } = options;
  const before = await countUndecryptable(sandbox, owner, friend);
  const received = new Map<string, number>();
  const { promise: complete, resolve } = Promise.withResolvers<void>();
  const onIncoming = ({ event, data }: IncomingEvent) => {
    if (event !== 'message_received' || !data.id.startsWith(`IN-${tag}-`)) return;
    received.set(data.id, (received.get(data.id) ?? 0) + 1);
    if (received.size === messages) resolve();
  };
  client.events.on('incoming', onIncoming);

  const theirs = async () => {
    for (let n = 0; n < messages; n++) {
      await sandbox.send(friend, { to: owner, text: `to owner ${n}`, id: `IN-${tag}-${n}` });
      await sleep(TURN_MS);
    }
  };
  const numbers = Array.from({ length: messages }, (_, n) => n).values();
  const acknowledged: string[] = [];
  const ours = async () => {
    for (const n of numbers) {
      const id = `OUT-${tag}-${n}`;
      await client.send(`${friend}@s.whatsapp.net`, `to friend ${n}`, id);
      acknowledged.push(id);
    }
  };
  await Promise.all([theirs(), ...Array.from({ length: parallel }, ours)]);
  await Promise.race([complete, sleep(settleMs, undefined, { ref: false })]);
  client.events.off('incoming', onIncoming);

  let lost = messages - received.size;
  const end = Date.now() + settleMs;
  for (const id of acknowledged) {
    const { messages: found } = await sandbox.inbox(friend, {
      id,
      waitMs: Math.max(1, end - Date.now()),
      count: 1,
    });
    if (found.length === 0) lost += 1;
  }
  const undecryptable = (await countUndecryptable(sandbox, owner, friend)) - before;
  const twice = [...received.values()].filter((times) => times > 1).length;
  return { undecryptable, lost, twice };
}
