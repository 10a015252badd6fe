import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startObjectStore } from '../../local/services/start-object-store.ts';
import { type Sandbox, startSandbox } from '../../sandbox/start-sandbox.ts';
import type { Addressing } from '../../sandbox/verbs.ts';
import { countUndecryptable } from './exchange.ts';
import type { FromWorker, ToWorker, WorkerSetup } from './messages.ts';
import { SeededRandom } from './random.ts';
import { Witness } from './witness.ts';

export interface KillingOptions {
  seed: number;
  kills: number;
  addressing: Addressing;
  /** Of the storage, in ms, by turns; between 0 and 300 at random where absent. */
  latencies?: readonly number[] | undefined;
  /** So many messages wait for the session before each round; none where absent. */
  backlog?: number | undefined;
  onRound?: (round: number, soFar: { sent: number; received: number }) => void;
}

export interface KillingOutcome {
  undecryptable: number;
  /** Sends that were answered as sent, and that the friend never got. */
  lostAcknowledged: number;
  /** The friend's messages that nobody was told of. */
  lostReceived: number;
  /** Answered sends of which nobody was told that they were sent, delivered and read. */
  lostReports: number;
  /** Messages that were durable and got neither to the friend nor a report that they failed. */
  unresolved: number;
  /** Messages that the friend saw twice, or that were told of under two ids. */
  twice: number;
  acknowledged: number;
  received: number;
  /** By how a round ended. */
  rounds: Record<Ending, number>;
}

/**
 * `any`: killed at any instant; `login`: while it logs in and reads what waited; `frame`: with a message durable
 * and its frame about to leave; `close`: not killed, but closed in order and started again.
 */
type Ending = 'any' | 'login' | 'frame' | 'close';

const OWNER = '628111000001';
const FRIEND = '628222000002';
const SESSION = 'chaos-1';
const PROGRAM = fileURLToPath(new URL('./worker-process.ts', import.meta.url));
/** Without any news, after which nothing more is expected: a slow machine is silent for long. */
const SETTLE_MS = 60_000;
/** For the first acknowledgement of a round. */
const MOST_WAIT_MS = 6_000;
const MOST_LATENCY_MS = 300;
/** Where no backlog is asked for, little piles up over rounds that are too short to read it. */
const MOST_QUEUED = 150;
/** Until a send that nobody has answered is followed by another. */
const AGAIN_MS = 5_000;
/** Of what may be queued, so many messages begin a new Signal session: of old ones, each side keeps only a few. */
const NEW_SESSIONS_QUEUED = 7;

class Run {
  readonly #options: KillingOptions;
  readonly #sandbox: Sandbox;
  readonly #s3: WorkerSetup['s3'];
  readonly #random: SeededRandom;
  readonly witness = new Witness();
  readonly rounds: Record<Ending, number> = { any: 0, login: 0, frame: 0, close: 0 };
  /** As if the control plane were away: nothing is accepted. */
  #deaf = false;
  #epoch = 0;
  #sends = 0;

  constructor(options: KillingOptions, sandbox: Sandbox, s3: WorkerSetup['s3']) {
    this.#options = options;
    this.#sandbox = sandbox;
    this.#s3 = s3;
    this.#random = new SeededRandom(options.seed);
  }

  start(latencyMs: number, diesBeforeFrame = false): ChildProcess {
    this.#epoch += 1;
    const { url, trustRoot } = this.#sandbox;
    const setup: WorkerSetup = {
      sessionId: SESSION,
      epoch: this.#epoch,
      network: { url, noiseRoot: trustRoot },
      s3: this.#s3,
      latencyMs,
      diesBeforeFrame,
    };
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: this.#sandbox.caCertPath };
    const child = fork(PROGRAM, [JSON.stringify(setup)], { env, execArgv: [] });
    child.on('message', (message: FromWorker) => this.#hear(child, message));
    return child;
  }

  async opened(child: ChildProcess): Promise<boolean> {
    return await this.#heard(child, 'open');
  }

  /** Both sides write, until `forMs` have passed: from the beginning, or from the first acknowledgement. */
  async traffic(child: ChildProcess, forMs: number, fromFirstAck = false): Promise<void> {
    let end = Date.now() + (fromFirstAck ? MOST_WAIT_MS : forMs);
    if (fromFirstAck)
      void this.#heard(child, 'answered').then(() => {
        end = Math.min(end, Date.now() + forMs);
      });
    const goesOn = () => Date.now() < end && child.connected;
    const theirs = async () => {
      while (goesOn()) {
        await sleep(this.#random.between(2, 40));
        if ((await this.#queued()) <= this.#mostQueued) await this.#receive();
      }
    };
    const ours = async () => {
      while (goesOn()) {
        this.#write(child);
        await sleep(this.#random.between(5, 60));
      }
    };
    await Promise.all([theirs(), ours()]);
  }

  async round(at: number): Promise<void> {
    const { latencies, backlog = 0 } = this.#options;
    for (let missing = backlog - (await this.#queued()); missing > 0; missing -= 1) await this.#receive();
    const drawn = Math.round(this.#random.between(0, MOST_LATENCY_MS));
    const latencyMs = latencies?.[at % latencies.length] ?? drawn;
    const ending = this.#drawEnding();
    this.rounds[ending] += 1;
    this.#deaf = this.#random.next() < 0.25;
    const child = this.start(latencyMs, ending === 'frame');
    const exited = once(child, 'exit');
    if (ending === 'login') await this.traffic(child, this.#random.between(200, 2_500));
    else if (await this.opened(child))
      await this.traffic(child, this.#random.between(5, 1_200), this.#random.next() < 0.6);
    this.#deaf = false;
    if (ending === 'close' && child.connected) child.send({ type: 'close' } satisfies ToWorker);
    else child.kill('SIGKILL');
    await exited;
  }

  async link(): Promise<void> {
    const child = this.start(0);
    await this.opened(child);
    await this.#end(child);
  }

  /** A last worker, which is given the time to make everything good. */
  async settle(): Promise<void> {
    const child = this.start(0);
    await this.opened(child);
    // However short the rounds were, each side has written at least once; what is refused is written again.
    const answered = this.#heard(child, 'answered').then(() => true);
    do this.#write(child);
    while (!(await Promise.race([answered, sleep(AGAIN_MS, false)])));
    const last = this.witness.theirs();
    await this.#sandbox.send(FRIEND, { to: OWNER, text: 'the last', id: last });
    let [end, known] = [Date.now() + SETTLE_MS, 0];
    while (Date.now() < end && !this.witness.isComplete) {
      await sleep(50);
      // As long as something comes, more may.
      if (this.witness.reports > known) end = Date.now() + SETTLE_MS;
      known = this.witness.reports;
    }
    await this.#end(child);
  }

  #drawEnding(): Ending {
    const drawn = this.#random.next();
    if (drawn < 0.12) return 'login';
    if (drawn < 0.27) return 'frame';
    return drawn < 0.37 ? 'close' : 'any';
  }

  get #mostQueued(): number {
    return Math.max(MOST_QUEUED, this.#options.backlog ?? 0);
  }

  /** What the server keeps for the session. */
  async #queued(): Promise<number> {
    const [device] = await this.#sandbox.devices(OWNER);
    return device?.queued ?? 0;
  }

  /** The friend writes. Now and then in a new Signal session, and what was sent on the old one arrives after it. */
  async #receive(): Promise<void> {
    const id = this.witness.theirs();
    const late = this.#random.next() < 0.1;
    const newSession = this.#random.next() < NEW_SESSIONS_QUEUED / this.#mostQueued;
    await this.#sandbox.send(FRIEND, { to: OWNER, text: `text of ${id}`, id, late, newSession });
  }

  #write(child: ChildProcess): void {
    this.#sends += 1;
    const id = `OUT${String(this.#sends).padStart(15, '0')}`;
    const to = `${FRIEND}@s.whatsapp.net`;
    child.send({ type: 'send', to, id, text: `text of ${id}` } satisfies ToWorker, () => undefined);
  }

  async #end(child: ChildProcess): Promise<void> {
    const exited = once(child, 'exit');
    child.send({ type: 'close' } satisfies ToWorker);
    await exited;
  }

  async #heard(child: ChildProcess, type: FromWorker['type']): Promise<boolean> {
    const stopped = once(child, 'exit').then(() => false);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const listen = (message: FromWorker) => {
      if (message.type === type) resolve(true);
    };
    child.on('message', listen);
    return await Promise.race([promise, stopped]);
  }

  #hear(child: ChildProcess, message: FromWorker): void {
    if (message.type === 'qr') void this.#sandbox.scan(OWNER, message.qr).catch(() => undefined);
    if (message.type === 'answered') this.witness.answered(message.id, message.status);
    if (message.type !== 'report' || this.#deaf) return;
    this.witness.told(message.reportId, message.report);
    const { reportId } = message;
    if (child.connected) child.send({ type: 'accepted', reportId } satisfies ToWorker, () => undefined);
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
    for (let at = 0; at < options.kills; at++) {
      await run.round(at);
      const { acknowledged, received } = run.witness;
      options.onRound?.(at + 1, { sent: acknowledged.size, received: received.size });
    }
    await run.settle();
    const { messages } = await sandbox.inbox(FRIEND);
    const undecryptable = await countUndecryptable(sandbox, OWNER, FRIEND);
    return { undecryptable, ...run.witness.compare(messages.map(({ id }) => id)), rounds: run.rounds };
  } finally {
    await sandbox.close();
    await s3.close();
  }
}
