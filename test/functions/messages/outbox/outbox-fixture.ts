import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { Deps } from '../../../../functions/deps.ts';
import { drainBatch } from '../../../../functions/messages/outbox/outbox-function.ts';
import { sweepOutbox } from '../../../../functions/messages/outbox/sweep-outbox.ts';
import type { MessageRecord } from '../../../../shared/messages/outbox/routes.ts';
import type { SessionItem } from '../../../../shared/sessions/session-item.ts';
import { summarizeMessages } from '../../../../shared/usage/summarize.ts';
import { type CallOptions, WORKER_TOKEN } from '../../../../testing/control-plane/control-plane.ts';
import { type DeliveryFixture, startDelivery } from '../../webhooks/delivery/delivery-fixture.ts';
import { pumpOnce } from '../../webhooks/delivery/pump-once.ts';
import { createFakeWorker, type FakeWorker } from './fake-worker.ts';

const OWNER = { workerId: 'worker-1', endpoint: 'http://127.0.0.1:1' };

export const text = (message: string, more: object = {}) => ({
  to: '+62 812-3456-7890',
  type: 'text',
  message,
  ...more,
});

/** The control plane with its queues, and per test a tenant with one session on a worker that is made up. */
export class OutboxFixture {
  readonly delivery: DeliveryFixture;
  #worker: FakeWorker | undefined;
  #token: string | undefined;
  #session: SessionItem | undefined;
  #names = 0;

  constructor(delivery: DeliveryFixture) {
    this.delivery = delivery;
  }

  get deps(): Deps {
    return this.delivery.deps;
  }
  get worker(): FakeWorker {
    return begun(this.#worker);
  }
  get token(): string {
    return begun(this.#token);
  }
  get session(): SessionItem {
    return begun(this.#session);
  }
  /** What has left for WhatsApp, in its order. */
  get texts(): (string | undefined)[] {
    return this.worker.delivered.map((each) => each.text);
  }

  /** Before each test; what the one before has left waits for a session that does not connect any more. */
  async begin(): Promise<void> {
    if (this.#session !== undefined) await this.deps.stores.sessions.bury(this.#session);
    this.#worker = createFakeWorker();
    this.deps.workers = this.#worker.gateway;
    const tenant = await this.delivery.plane.signUp('MAX');
    this.#token = tenant.token;
    this.#names += 1;
    const name = `line ${this.#names}`;
    const created = await this.deps.stores.sessions.create({
      ...{ sessionId: `${tenant.userId}-line-${this.#names}`, userId: tenant.userId },
      ...{ accountKey: 'unused', slot: name, name, description: null },
    });
    await this.connect(begun(created));
  }

  /** The session's next owner has it, and it is connected there. */
  async connect(item: SessionItem = this.session, owner = OWNER): Promise<void> {
    const terms = { desired: 'connected', status: 'CONNECTED' } as const;
    const { sessions } = this.deps.stores;
    this.#session = begun(await sessions.assign(item, { ...owner, generation: 1 }, terms));
  }

  /** As its worker links a phone, and reports it; after whatever has become of the session meanwhile. */
  async link(phoneNumber: string): Promise<void> {
    await this.connect(begun(await this.deps.stores.sessions.get(this.session.sessionId)));
    await this.reportSession(1, 'connected', { phoneNumber });
  }

  async reportSession(seq: number, status: string, more: object = {}): Promise<void> {
    const { sessionId, epoch } = this.session;
    const answer = await this.delivery.plane.call('POST', '/api/v1/webhooks/session-status', {
      token: WORKER_TOKEN,
      body: { sessionId, epoch, seq, status, ...more },
    });
    if (answer.status !== 200) throw new Error(`the report was answered ${answer.status}: ${answer.text}`);
  }

  async disconnect(): Promise<void> {
    this.#session = begun(await this.deps.stores.sessions.settle(this.session, 'DISCONNECTED'));
  }

  call<D = Record<string, unknown>>(method: string, rest: string, options: CallOptions = {}) {
    const path = `/api/v1/sessions/${this.session.sessionId}${rest}`;
    return this.delivery.plane.call<D>(method, path, { token: this.token, ...options });
  }

  /** As the session's worker reports what became of a message. */
  report(messageId: string, status: string, more: object = {}) {
    const { sessionId, epoch } = this.session;
    return this.delivery.plane.call<{ applied: boolean }>('POST', '/api/v1/webhooks/message-status', {
      token: WORKER_TOKEN,
      body: { sessionId, epoch, messageId, status, ...more },
    });
  }

  /** As its tenant sees it; with a fresh login, since some tests take days. */
  async show(messageId: string): Promise<MessageRecord> {
    const account = begun(await this.deps.stores.accounts.findByUserId(this.session.userId));
    const { accessToken: token } = await this.deps.accessTokens.issue(account);
    const { data } = await this.call<MessageRecord>('GET', `/messages/${messageId}`, { token });
    return data;
  }

  /** Lets every wake be answered. */
  async drain(
    handle: (event: SQSEvent) => Promise<SQSBatchResponse> = (event) => drainBatch(this.deps, event),
  ): Promise<void> {
    const { queues } = this.delivery;
    const queueUrl = queues.urls.outbox;
    while ((await queues.sizeOf(queueUrl)) > 0) await pumpOnce({ client: queues.client, queueUrl, handle });
  }

  /** The same, but the first to answer one is a process that dies of these dependencies. */
  async drainAfter(dying: Deps): Promise<void> {
    let died = false;
    await this.drain(async (event) => {
      const deps = died ? this.deps : dying;
      died = true;
      return await drainBatch(deps, event);
    });
  }

  async later(ms: number): Promise<void> {
    this.delivery.clock.now += ms;
    await sweepOutbox(this.deps);
    await this.drain();
  }

  /** What the session's tenant is told of today's messages. */
  async counted() {
    const day = new Date(this.delivery.clock.now).toISOString().slice(0, 10);
    const days = { from: day, to: day };
    return summarizeMessages(await this.deps.stores.usage.list(this.session.userId, days), days);
  }
}

function begun<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('what this test needs is not there');
  return value;
}

export async function startOutbox(): Promise<OutboxFixture> {
  return new OutboxFixture(await startDelivery());
}
