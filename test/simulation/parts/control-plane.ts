import { createDeps, createStores } from '../../../functions/create-deps.ts';
import type { Deps } from '../../../functions/deps.ts';
import { parseFunctionsEnv } from '../../../functions/env.ts';
import { drainSession } from '../../../functions/messages/outbox/drain-session.ts';
import { sweepOutbox } from '../../../functions/messages/outbox/sweep-outbox.ts';
import type { Push } from '../../../functions/realtime/push.ts';
import { createWorkerGateway } from '../../../functions/workers/calls/worker-gateway.ts';
import type { Queue } from '../../../shared/queue/queue.ts';
import type { WebhookItem } from '../../../shared/webhooks/webhook-item.ts';
import type { Host } from '../engine/host.ts';
import type { VirtualTime } from '../engine/virtual-time.ts';
import type { ModelBucket } from '../models/model-bucket.ts';
import type { WireAnswer } from '../models/model-fetch.ts';
import type { ModelTable } from '../models/model-table.ts';
import { type ControlRequest, createAnswering } from './answer-request.ts';
import type { Ledger } from './ledger.ts';
import type { Trace } from './trace.ts';

export const BUCKET = 'simulated';
const NOBODY: Push = {
  listeners: async () => ({ send: async () => undefined }),
  toSession: async () => undefined,
  toAdmins: async () => undefined,
  toConnection: async () => undefined,
  closeConnection: async () => undefined,
};

/** One run of a function, which may end before it is done. */
interface Invocation {
  host: Host;
  fail: () => void;
}

/** What a function is ended after. */
const LONGEST_MS = 28_000;

const ENVIRONMENT = {
  TABLE_NAME: 'simulated',
  DYNAMODB_ENDPOINT: 'http://127.0.0.1:1',
  JWT_SECRETS: 'a-secret-for-simulations-of-32-characters',
  WORKER_AUTH_TOKENS: 'a-token-for-simulations',
  WEBSOCKET_URL: 'ws://127.0.0.1:1/ws',
  WEBSOCKET_CALLBACK_URL: 'http://127.0.0.1:1',
  S3_BUCKET: BUCKET,
  ENVIRONMENT: 'TESTING',
  NETWORK: 'sandbox',
  LOG_LEVEL: 'silent',
} as const;

const ENV = parseFunctionsEnv(ENVIRONMENT);

const WEBHOOK: WebhookItem = {
  userId: 'tenant',
  webhookId: 'wh_0000000000000000000000',
  url: 'https://tenant.example.com/hook',
  events: ['*'],
  sessionIds: null,
  active: true,
  secret: 'whsec_none',
  disabledReason: null,
  createdAt: '2026-12-01T00:00:00.000Z',
  updatedAt: '2026-12-01T00:00:00.000Z',
};

export interface ControlPlaneDeps {
  time: VirtualTime;
  table: ModelTable;
  bucket: ModelBucket;
  ledger: Ledger;
  trace: Trace;
  /** To workers' endpoints. */
  fetch: typeof fetch;
  storage: () => ReturnType<Parameters<ModelBucket['bucketFor']>[0]>;
}

/** The functions of the control plane: each invocation is a host of its own, which can be ended at any point. */
export class ControlPlane {
  readonly deps: Deps;
  readonly #parts: ControlPlaneDeps;
  readonly #running = new Set<Invocation>();
  readonly #answer: (request: ControlRequest, deps: Deps) => Promise<WireAnswer>;
  /** Sessions whose outbox is being looked at, and whether it is to be looked at once more. */
  readonly #draining = new Map<string, boolean>();
  #invocations = 0;

  constructor(parts: ControlPlaneDeps) {
    const { time, table, bucket, trace, fetch, storage } = parts;
    this.#parts = parts;
    const now = () => Date.now();
    this.deps = createDeps(ENV, [], {
      stores: createStores(table, now),
      workers: createWorkerGateway({ workerTokens: () => ['a-token-for-simulations'], fetch }),
      objects: bucket.bucketFor(storage),
      push: NOBODY,
      queues: {
        deliveries: { send: (messages) => this.#tell(messages) },
        deadLetters: { send: async () => undefined },
        outbox: { send: async (messages) => this.#wake(messages) },
      },
      directory: { ofUser: async () => [WEBHOOK], find: async () => WEBHOOK, forget: () => undefined },
      random: () => Math.random(),
      now,
      log: trace.log,
    });
    this.#answer = createAnswering(time);
  }

  /** Answers as API Gateway would; `undefined` where the function ends before that. */
  async handle(name: string, request: ControlRequest): Promise<WireAnswer> {
    const broken: WireAnswer = { status: 500, headers: {}, body: '{"message":"Internal Server Error"}' };
    const answer = await this.invoke(name, () => this.#answer(request, this.deps));
    return answer ?? broken;
  }

  /** Runs something as a function of its own; answers `undefined` where it was ended. */
  invoke<T>(name: string, work: () => Promise<T>, longestMs = LONGEST_MS): Promise<T | undefined> {
    const { time } = this.#parts;
    this.#invocations += 1;
    const host = time.newHost(`${name}#${this.#invocations}`);
    // Each machine's clock is a little off.
    host.wallOffsetMs = host.random.between(-40, 40);
    const { promise, resolve, reject } = Promise.withResolvers<T | undefined>();
    const invocation = { host, fail: () => this.#end(invocation, () => resolve(undefined)) };
    this.#running.add(invocation);
    time.schedule(host, longestMs, 'timer', () => invocation.fail());
    host.run(work).then(
      (result) => this.#end(invocation, () => resolve(result)),
      (thrown) => this.#end(invocation, () => reject(thrown)),
    );
    return promise;
  }

  /** Some of the functions that run at this moment end where they are. */
  crash(chance: () => boolean): number {
    const ended = [...this.#running].filter(chance);
    for (const { fail } of ended) fail();
    return ended.length;
  }

  /** The outbox's own schedule. */
  sweepOutbox(): void {
    this.invoke('sweep', () => sweepOutbox(this.deps)).catch(() => undefined);
  }

  #end(invocation: Invocation, settle: () => void): void {
    if (!this.#running.delete(invocation)) return;
    this.#parts.time.kill(invocation.host);
    settle();
  }

  async #tell(messages: Parameters<Queue['send']>[0]): Promise<void> {
    for (const { body } of messages) {
      const { kind, payload } = JSON.parse(body) as { kind: string; payload: string };
      if (kind === 'first') this.#parts.ledger.onTold(JSON.parse(payload));
    }
  }

  #wake(messages: Parameters<Queue['send']>[0]): void {
    for (const { group } of messages) {
      if (this.#draining.has(group)) this.#draining.set(group, true);
      else this.#drain(group);
    }
  }

  /** As the queue's consumer: a session by one invocation at a time, again where that fails. */
  #drain(sessionId: string): void {
    const { time } = this.#parts;
    this.#draining.set(sessionId, false);
    const work = () => drainSession(this.deps, sessionId, () => LONGEST_MS * 2);
    const done = (again: boolean, afterMs: number) => {
      const isWanted = again || this.#draining.get(sessionId) === true;
      this.#draining.delete(sessionId);
      if (!isWanted) return;
      this.#draining.set(sessionId, false);
      const host = time.newHost('queue');
      time.schedule(host, afterMs, 'io', () => this.#drain(sessionId));
    };
    this.invoke(
      `outbox ${sessionId}`,
      async () => {
        await work();
        return true;
      },
      LONGEST_MS * 2,
    ).then(
      (isDone) => done(isDone !== true, isDone === true ? 50 : 10_000),
      () => done(true, 10_000),
    );
  }
}
