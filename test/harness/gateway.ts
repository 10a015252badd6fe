import { readLocalEnv } from '../../local/env.ts';
import type { LocalRuntime } from '../../local/local-runtime.ts';
import { startLocal } from '../../local/start-local.ts';
import { type Client, createClient } from '../../shared/contract/client.ts';
import { controlRoutes } from '../../shared/contract/control-routes.ts';
import { type LiveClient, openLiveClient } from '../../shared/realtime/live-client.ts';

/** A tenant with its typed client, as a tenant's own software would hold it. */
export interface Tenant {
  userId: string;
  token: string;
  api: Client<typeof controlRoutes>;
  /** A WebSocket of its own; closed with the gateway. */
  live(): Promise<LiveClient>;
}

export interface Gateway extends LocalRuntime {
  sandbox: NonNullable<LocalRuntime['sandbox']>;
  signUp(name: string): Promise<Tenant>;
}

let tenants = 0;

/** The embedded runtime on free ports, keeping nothing: real handlers, real worker processes, the sandbox. */
export async function startGateway(options: { workers?: number } = {}): Promise<Gateway> {
  const runtime = await startLocal({
    env: { ...readLocalEnv(), LOG_LEVEL: 'warn' },
    stateDir: undefined,
    fresh: false,
    live: false,
    workers: options.workers ?? 1,
    ports: { gateway: 0, firstWorker: 0, sandboxControl: 0 },
    show: (line) => console.error(line),
  });
  const { sandbox } = runtime;
  if (sandbox === undefined) throw new Error('the tests run on the sandbox');
  const sockets: LiveClient[] = [];

  async function signUp(name: string): Promise<Tenant> {
    tenants += 1;
    const anonymous = createClient(controlRoutes, { baseUrl: runtime.url });
    const { data } = await anonymous.register({
      body: { email: `${name}-${tenants}@example.com`, password: 'correct horse battery', name },
    });
    const token = data.accessToken;
    return {
      userId: data.user.userId,
      token,
      api: createClient(controlRoutes, { baseUrl: runtime.url, token: () => token }),
      async live() {
        const socket = await openLiveClient({
          url: runtime.websocketUrl,
          token: () => token,
          reconnect: false,
        });
        sockets.push(socket);
        return socket;
      },
    };
  }
  return Object.assign(Object.create(runtime) as LocalRuntime, {
    sandbox,
    signUp,
    async close() {
      for (const socket of sockets) socket.close();
      await runtime.close();
    },
  });
}

/** Creates a session, connects it, and has a virtual phone of this number scan until it is linked. */
export async function linkSession(gateway: Gateway, tenant: Tenant, number: string, live?: LiveClient) {
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
    );
    seen.add(qr.qrString);
    const scanned = await gateway.sandbox.scan(number, qr.qrString);
    if (scanned.status === 'linked') break;
  }
  await socket.waitFor(
    'session_status_update',
    (data) => data.sessionId === sessionId && data.status === 'CONNECTED',
  );
  return { sessionId, live: socket, scans: seen.size };
}
