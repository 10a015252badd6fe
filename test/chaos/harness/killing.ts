import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startObjectStore } from '../../../local/services/start-object-store.ts';
import { type Sandbox, startSandbox } from '../../sandbox/start-sandbox.ts';
import type { Addressing } from '../../sandbox/verbs.ts';
import { countUndecryptable } from './exchange.ts';
import type { ClientSetup, FromClient, ToClient } from './messages.ts';
import { SeededRandom } from './random.ts';

export interface KillingOptions {
  seed: number;
  kills: number;
  addressing: Addressing;
  /** Of the storage, in ms. */
  latencies: readonly number[];
  onRound?: (round: number, soFar: { sent: number; received: number }) => void;
}

export interface KillingOutcome {
  undecryptable: number;
  /** Sends that WhatsApp acknowledged, and that the friend never got. */
  lostAcknowledged: number;
  /** The friend's messages that nobody was told of. */
  lostReceived: number;
  acknowledged: number;
  received: number;
  /** Messages that were told of under two ids. */
  twice: number;
}

const OWNER = '628111000001';
const FRIEND = '628222000002';
const SESSION = 'chaos-1';
const PROGRAM = fileURLToPath(new URL('./client-process.ts', import.meta.url));
const SETTLE_MS = 20_000;
/** For the first acknowledgement of a round. */
const MOST_WAIT_MS = 6_000;

class Run {
  readonly #options: KillingOptions;
  readonly #sandbox: Sandbox;
  readonly #s3: ClientSetup['s3'];
  readonly #random: SeededRandom;
  readonly written: string[] = [];
  readonly acknowledged = new Set<string>();
  /** Ids of reports by message. */
  readonly told = new Map<string, Set<string>>();
  readonly failures: string[] = [];
  #epoch = 0;
  #sends = 0;

  constructor(options: KillingOptions, sandbox: Sandbox, s3: ClientSetup['s3']) {
    this.#options = options;
    this.#sandbox = sandbox;
    this.#s3 = s3;
    this.#random = new SeededRandom(options.seed);
  }

  start({ link, latencyMs }: { link: boolean; latencyMs: number }): ChildProcess {
    this.#epoch += 1;
    const { url, trustRoot } = this.#sandbox;
    const network = { url, noiseRoot: trustRoot };
    const setup: ClientSetup = {
      sessionId: SESSION,
      epoch: this.#epoch,
      network,
      s3: this.#s3,
      latencyMs,
      link,
    };
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: this.#sandbox.caCertPath };
    const child = fork(PROGRAM, [JSON.stringify(setup)], { env, execArgv: [] });
    child.on('message', (message: FromClient) => this.#hear(child, message));
    return child;
  }

  async opened(child: ChildProcess): Promise<boolean> {
    return await this.#heard(child, 'open');
  }

  /** Both sides write, until `forMs` have passed: from the beginning, or from the first acknowledgement. */
  async traffic(child: ChildProcess, forMs: number, fromFirstAck = false): Promise<void> {
    let end = Date.now() + (fromFirstAck ? MOST_WAIT_MS : forMs);
    if (fromFirstAck)
      void this.#heard(child, 'sent').then(() => {
        end = Math.min(end, Date.now() + forMs);
      });
    const theirs = async () => {
      while (Date.now() < end) {
        const id = `IN-${this.written.length}`;
        this.written.push(id);
        await this.#sandbox.send(FRIEND, { to: OWNER, text: `text of ${id}`, id });
        await sleep(this.#random.between(2, 40));
      }
    };
    const ours = async () => {
      while (Date.now() < end && child.connected) {
        this.#sends += 1;
        const send: ToClient = {
          ...{ type: 'send', to: `${FRIEND}@s.whatsapp.net` },
          ...{ id: `OUT-${this.#sends}`, text: `text of OUT-${this.#sends}` },
        };
        child.send(send, () => undefined);
        await sleep(this.#random.between(5, 60));
      }
    };
    await Promise.all([theirs(), ours()]);
  }

  async killRound(round: number): Promise<void> {
    const { latencies } = this.#options;
    const latencyMs = latencies[round % latencies.length] ?? 0;
    const child = this.start({ link: false, latencyMs });
    const exited = once(child, 'exit');
    // One in eight is killed while it logs in and reads what waited for it.
    if (this.#random.next() < 0.125) await this.traffic(child, this.#random.between(200, 2_500));
    else if (await this.opened(child))
      await this.traffic(child, this.#random.between(5, 1_200), this.#random.next() < 0.6);
    child.kill('SIGKILL');
    await exited;
  }

  async link(): Promise<void> {
    const child = this.start({ link: true, latencyMs: 0 });
    await this.opened(child);
    await this.end(child);
  }

  async end(child: ChildProcess): Promise<void> {
    const exited = once(child, 'exit');
    child.send({ type: 'close' } satisfies ToClient);
    await exited;
  }

  async settle(): Promise<void> {
    const child = this.start({ link: false, latencyMs: 0 });
    await this.opened(child);
    const end = Date.now() + SETTLE_MS;
    while (Date.now() < end && this.written.some((id) => !this.told.has(id))) await sleep(50);
    await this.end(child);
  }

  async #heard(child: ChildProcess, type: FromClient['type']): Promise<boolean> {
    const stopped = once(child, 'exit').then(() => false);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const listen = (message: FromClient) => {
      if (message.type === type) resolve(true);
    };
    child.on('message', listen);
    return await Promise.race([promise, stopped]);
  }

  #hear(child: ChildProcess, message: FromClient): void {
    if (message.type === 'qr') void this.#sandbox.scan(OWNER, message.qr).catch(() => undefined);
    if (message.type === 'sent') this.acknowledged.add(message.id);
    if (message.type === 'failed') this.failures.push(message.reason);
    if (message.type !== 'report') return;
    const { id, report } = message.report;
    const data = report.kind === 'event' ? report.body.data : undefined;
    const messageId = data?.['id'];
    if (typeof messageId === 'string') {
      const ids = this.told.get(messageId) ?? new Set();
      this.told.set(messageId, ids.add(id));
    }
    if (child.connected) child.send({ type: 'accepted', reportId: id } satisfies ToClient, () => undefined);
  }
}

/** Kills the process of a session at random instants under traffic, and looks for what was lost. */
export async function killAtRandom(options: KillingOptions): Promise<KillingOutcome> {
  const { addressing, seed } = options;
  const sandbox = await startSandbox({ seed: String(seed), addressing, linking: 'classic' });
  const s3 = await startObjectStore(undefined);
  const { bucket, region, endpoint, accessKeyId, secretAccessKey } = s3;
  const credentials = { accessKeyId, secretAccessKey };
  try {
    await sandbox.setOptions({ inboxLimit: 100_000 });
    await sandbox.addAccount({ number: OWNER, name: 'Owner' });
    await sandbox.addContact({ number: FRIEND, name: 'Friend' });
    const run = new Run(options, sandbox, { bucket, region, endpoint, credentials, forcePathStyle: true });
    await run.link();
    for (let round = 0; round < options.kills; round++) {
      await run.killRound(round);
      options.onRound?.(round + 1, { sent: run.acknowledged.size, received: run.told.size });
    }
    await run.settle();
    let lostAcknowledged = 0;
    for (const id of run.acknowledged) {
      const { messages } = await sandbox.inbox(FRIEND, { id, waitMs: 1_000, count: 1 });
      if (messages.length === 0) lostAcknowledged += 1;
    }
    return {
      undecryptable: await countUndecryptable(sandbox, OWNER, FRIEND),
      lostAcknowledged,
      lostReceived: run.written.filter((id) => !run.told.has(id)).length,
      acknowledged: run.acknowledged.size,
      received: run.told.size,
      twice: [...run.told.values()].filter((ids) => ids.size > 1).length,
    };
  } finally {
    await sandbox.close();
    await s3.close();
  }
}
