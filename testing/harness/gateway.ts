import { randomUUID } from 'node:crypto';
import { type Client, createClient } from '../../shared/contract/client.ts';
import { controlRoutes } from '../../shared/control-routes.ts';
import { type LiveClient, openLiveClient } from '../../shared/realtime/live-client.ts';
import { checkedFetch } from './check-answer.ts';
import { startEmulatorTarget } from './emulator-target.ts';
import { readHarnessEnv } from './env.ts';
import { recordFrame } from './event-log.ts';
import { startLocalTarget } from './local-target.ts';
import type { Runtime, RuntimeOptions } from './runtime.ts';

/** A tenant with its typed client, as a tenant's own software would hold it. */
export interface Tenant {
  userId: string;
  token: string;
  api: Client<typeof controlRoutes>;
  /** A WebSocket of its own; closed with the gateway. */
  live(): Promise<LiveClient>;
}

export interface Gateway extends Runtime {
  signUp(name: string): Promise<Tenant>;
  /** A WebSocket with this token, whatever it is worth; closed with the gateway. @throws where it is refused */
  openLive(token: string): Promise<LiveClient>;
}

/** Whose address of e-mail nobody has used, in a stack that outlives this file either. */
async function register(baseUrl: string, name: string) {
  const anonymous = createClient(controlRoutes, { baseUrl, fetch: checkedFetch });
  const email = `${name}-${randomUUID()}@example.com`;
  const { data } = await anonymous.register({ body: { email, password: 'correct horse battery', name } });
  return data;
}

/** Nobody after this file has phones for these sessions. */
async function deleteSessions({ api }: Tenant): Promise<void> {
  const { data } = await api.listSessions({});
  await Promise.all(data.sessions.map(({ sessionId }) => api.deleteSession({ params: { sessionId } })));
}

/** What is waited for comes, also on a machine that does other things too. */
const PATIENCE_MS = 60_000;

const TARGETS = { local: startLocalTarget, emulator: startEmulatorTarget };

/** The whole gateway with the sandbox as its WhatsApp, on the target that the environment names. */
export async function startGateway(options: Partial<RuntimeOptions> = {}): Promise<Gateway> {
  const runtime = await TARGETS[readHarnessEnv().E2E_TARGET]({ workers: 1, ...options });
  const sockets: LiveClient[] = [];
  const tenants: Tenant[] = [];

  async function openLive(token: string): Promise<LiveClient> {
    const { websocketUrl: url, tokenIn } = runtime;
    const socket = await openLiveClient({
      url,
      token: () => token,
      tokenIn,
      reconnect: false,
      observe: recordFrame,
    });
    sockets.push(socket);
    return {
      ...socket,
      waitFor: (event, fits, timeoutMs = PATIENCE_MS) => socket.waitFor(event, fits, timeoutMs),
    };
  }

  async function signUp(name: string): Promise<Tenant> {
    const { user, accessToken: token } = await register(runtime.url, name);
    const tenant = {
      userId: user.userId,
      token,
      api: createClient(controlRoutes, { baseUrl: runtime.url, token: () => token, fetch: checkedFetch }),
      live: () => openLive(token),
    };
    tenants.push(tenant);
    return tenant;
  }
  return Object.assign(Object.create(runtime) as Runtime, {
    signUp,
    openLive,
    async close() {
      for (const socket of sockets) socket.close();
      if (runtime.keepsData) await Promise.allSettled(tenants.map(deleteSessions));
      await runtime.close();
    },
  });
}

/** Creates a session, connects it, and has a virtual phone of this number scan until it is linked. */
export async function linkSession(
  gateway: Pick<Gateway, 'sandbox'>,
  tenant: Pick<Tenant, 'api' | 'live'>,
  number: string,
  live?: LiveClient,
) {
  await gateway.sandbox.addAccount({ number, name: `Phone ${number}` });
  const { data: session } = await tenant.api.createSession({ body: { name: `line ${number}` } });
  const { sessionId } = session;
  const socket = live ?? (await tenant.live());
  await socket.subscribe(sessionId);
  await tenant.api.connectSession({ params: { sessionId } });
  const seen = new Set<string>();
  for (;;) {
    const { data: qr } = await socket.waitFor(
      'qr_code_update',
      (data) => data.sessionId === sessionId && !seen.has(data.qrString),
      PATIENCE_MS,
    );
    seen.add(qr.qrString);
    const scanned = await gateway.sandbox.scan(number, qr.qrString);
    if (scanned.status === 'linked') break;
  }
  await socket.waitFor(
    'session_status_update',
    (data) => data.sessionId === sessionId && data.status === 'CONNECTED',
    PATIENCE_MS,
  );
  return { sessionId, live: socket, scans: seen.size };
}
