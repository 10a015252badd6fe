import { Worker } from 'node:worker_threads';
import { readLocalEnv } from '../../local/env.ts';
import type { LocalRuntime } from '../../local/local-runtime.ts';
import { startLocal } from '../../local/start-local.ts';
import { type Client, createClient } from '../../shared/contract/client.ts';
import { controlRoutes } from '../../shared/control-routes.ts';

export interface Endpoint {
  name: string;
  /** Null: never. */
  answersAfterMs: number | null;
}

export interface Arrival {
  /** Of the endpoint. */
  name: string;
  /** The webhook-id. */
  id: string;
  sessionId: string;
  number: number;
  toldAtMs: number;
  atMs: number;
}

export interface Tenant {
  api: Client<typeof controlRoutes>;
  sessionIds: string[];
}

/** The local runtime without a worker, and tenants' endpoints; events come in as workers report them. */
export interface DeliveryRig {
  arrivals: Arrival[];
  urlOf(endpoint: string): string;
  signUp(name: string, sessions: number): Promise<Tenant>;
  /** One request of a worker: these received messages, in this order. */
  report(sessionId: string, numbers: readonly number[]): Promise<void>;
  /** Resolves once `isEnough`; looks at each arrival. */
  until(isEnough: () => boolean): Promise<void>;
  close(): Promise<void>;
}

type FromThread = { type: 'ready'; urls: Record<string, string> } | ({ type: 'arrival' } & Arrival);

async function startEndpoints(endpoints: readonly Endpoint[], onArrival: (arrival: Arrival) => void) {
  const thread = new Worker(new URL('./endpoints-thread.ts', import.meta.url), { workerData: { endpoints } });
  const ready = Promise.withResolvers<Record<string, string>>();
  thread.on('message', (message: FromThread) => {
    if (message.type === 'ready') ready.resolve(message.urls);
    else onArrival(message);
  });
  thread.on('error', ready.reject);
  return { urls: await ready.promise, close: () => thread.terminate() };
}

async function startRuntime(): Promise<LocalRuntime> {
  return await startLocal({
    env: { ...readLocalEnv(), LOG_LEVEL: 'warn' },
    stateDir: undefined,
    fresh: false,
    live: false,
    workers: 0,
    ports: { gateway: 0, firstWorker: 0, sandboxControl: 0 },
    show: (line) => console.error(line),
  });
}

const TEXT = 'Good morning, is the order that I placed yesterday on its way already? The number is 4711.';

/** What our worker tells of a text that came in, as large as it is. */
const received = (sessionId: string, number: number) => ({
  event: 'message_received',
  id: `${sessionId}-${number}`.slice(-128),
  sessionId,
  seq: number + 1,
  timestamp: new Date().toISOString(),
  data: {
    id: `3EB0${String(number).padStart(18, '0')}`,
    chatId: '6281200000002@s.whatsapp.net',
    from: '+6281200000002',
    senderName: 'Grace',
    type: 'text',
    content: TEXT,
    timestamp: new Date().toISOString(),
    number,
    toldAtMs: Date.now(),
  },
});

export async function startDeliveryRig(endpoints: readonly Endpoint[]): Promise<DeliveryRig> {
  const arrivals: Arrival[] = [];
  const looks = new Set<() => void>();
  const receivers = await startEndpoints(endpoints, (arrival) => {
    arrivals.push(arrival);
    for (const look of [...looks]) look();
  });
  const runtime = await startRuntime();
  const { url, secrets } = runtime;
  const adminToken = await runtime.adminToken();
  const admin = createClient(controlRoutes, { baseUrl: url, token: () => adminToken });
  const events = `${url}/api/v1/workers/bench-worker/events`;
  const headers = { authorization: `Bearer ${secrets.workerToken}`, 'content-type': 'application/json' };

  async function signUp(name: string, sessions: number): Promise<Tenant> {
    const anonymous = createClient(controlRoutes, { baseUrl: url });
    const { data } = await anonymous.register({
      body: { email: `${name}@example.com`, password: 'correct horse battery', name },
    });
    await admin.updateUser({ params: { userId: data.user.userId }, body: { tier: 'MAX' } });
    const api = createClient(controlRoutes, { baseUrl: url, token: () => data.accessToken });
    const sessionIds: string[] = [];
    for (let index = 0; index < sessions; index += 1)
      sessionIds.push((await api.createSession({ body: { name: `line ${index}` } })).data.sessionId);
    return { api, sessionIds };
  }
  return {
    arrivals,
    urlOf: (name) => receivers.urls[name] ?? '',
    signUp,
    async report(sessionId, numbers) {
      const body = JSON.stringify({ events: numbers.map((number) => received(sessionId, number)) });
      const response = await fetch(events, { method: 'POST', headers, body });
      if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
      await response.body?.cancel();
    },
    async until(isEnough) {
      if (isEnough()) return;
      const enough = Promise.withResolvers<void>();
      const look = () => {
        if (isEnough()) enough.resolve();
      };
      looks.add(look);
      await enough.promise;
      looks.delete(look);
    },
    async close() {
      await runtime.close();
      await receivers.close();
    },
  };
}
