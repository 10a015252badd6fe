import { createClient } from '../../shared/contract/client.ts';
import { controlRoutes } from '../../shared/control-routes.ts';
import type { LiveClient } from '../../shared/realtime/live-client.ts';
import { type Gateway, linkSession, startGateway, type Tenant } from '../harness/gateway.ts';
import { startTroubleProxy, type TroubleProxy } from './trouble-proxy.ts';

/** One tenant with one session, which is connected. */
export interface Line {
  tenant: Tenant;
  live: LiveClient;
  sessionId: string;
  number: string;
  /** Logins until it was linked. */
  loginsBefore: number;
}

export interface Fleet {
  gateway: Gateway;
  /** Between the workers and the control plane. */
  proxy: TroubleProxy;
  lines: Line[];
  friend: string;
  /** Logins since the lines were linked, and logins that threw out a connection that was still open. */
  count(): Promise<{ logins: number; replaced: number; decryptionFailures: number }>;
  ownerOf(line: Line): Promise<string | undefined>;
  /** The administrator's API. */
  admin: Awaited<ReturnType<typeof adminOf>>;
  /** Resolves once the session is connected. @throws after `timeoutMs` */
  connected(line: Line, timeoutMs?: number): Promise<void>;
  close(): Promise<void>;
}

const FRIEND = '6281300000000';
const POLL_MS = 50;

async function adminOf(gateway: Gateway) {
  const token = await gateway.adminToken();
  return createClient(controlRoutes, { baseUrl: gateway.url, token: () => token });
}

/** Real workers over a proxy of ours, with so many linked sessions. */
export async function startFleet(options: { workers: number; sessions: number }): Promise<Fleet> {
  const started: { proxy?: TroubleProxy } = {};
  const gateway = await startGateway({
    workers: options.workers,
    workerBackend: async (url) => {
      started.proxy = await startTroubleProxy(url);
      return started.proxy.url;
    },
  });
  const { proxy } = started;
  if (proxy === undefined) throw new Error('the workers were not given the proxy');
  await gateway.sandbox.addContact({ number: FRIEND });
  const admin = await adminOf(gateway);
  const lines: Line[] = [];
  const loginsOf = async (number: string) => (await gateway.sandbox.counters())[number]?.logins ?? 0;
  for (let index = 0; index < options.sessions; index += 1) {
    const number = `62813${String(1_000_000 + index)}`;
    const tenant = await gateway.signUp(`line-${index}`);
    const { sessionId, live } = await linkSession(gateway, tenant, number);
    lines.push({ tenant, live, sessionId, number, loginsBefore: await loginsOf(number) });
  }
  const ownerOf = async ({ sessionId }: Line) =>
    (await admin.getSessionStatus({ params: { sessionId } })).data.workerId;

  return {
    gateway,
    proxy,
    lines,
    admin,
    friend: FRIEND,
    ownerOf,
    async count() {
      const counters = await gateway.sandbox.counters();
      const sums = { logins: 0, replaced: 0, decryptionFailures: counters[FRIEND]?.decryptionFailures ?? 0 };
      for (const { number, loginsBefore } of lines) {
        sums.logins += (counters[number]?.logins ?? 0) - loginsBefore;
        sums.replaced += counters[number]?.replaced ?? 0;
      }
      return sums;
    },
    async connected({ tenant, sessionId }, timeoutMs = 60_000) {
      const until = Date.now() + timeoutMs;
      while ((await tenant.api.getSessionStatus({ params: { sessionId } })).data.status !== 'CONNECTED') {
        if (Date.now() > until) throw new Error(`${sessionId} is not connected after ${timeoutMs} ms`);
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
    },
    async close() {
      await gateway.close();
      await proxy.close();
    },
  };
}
