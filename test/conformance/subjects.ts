import { randomUUID } from 'node:crypto';
import type { LocalRuntime } from '../../local/local-runtime.ts';
import { type Client, createClient } from '../../shared/contract/client.ts';
import type { CallerKind, RouteDeclaration } from '../../shared/contract/route.ts';
import { controlRoutes } from '../../shared/control-routes.ts';
import { openLiveClient } from '../../shared/realtime/live-client.ts';
import { linkSession } from '../../testing/harness/gateway.ts';

/** Who calls; `nobody` shows no credential. */
export const CALLERS = ['user', 'admin', 'account-key', 'session-key', 'worker', 'nobody'] as const;
export type CallerName = (typeof CALLERS)[number];

/** What a valid case is changed to name: things that exist, and are the caller's own. */
export interface Subject {
  path?: Record<string, string>;
  query?: Record<string, string>;
  body?: Record<string, unknown>;
  /** Fields of the body that would make it another's. */
  without?: string[];
  /** In place of the caller's own, where the operation ends the login it is called with. */
  token?: string;
}

/** As which kinds of callers each counts. */
const KINDS: Readonly<Record<CallerName, readonly CallerKind[]>> = {
  user: ['public', 'user'],
  admin: ['public', 'user', 'admin'],
  'account-key': ['public', 'apiKey'],
  'session-key': ['public', 'apiKey'],
  worker: ['public', 'worker'],
  nobody: ['public'],
};

export function mayCall(caller: CallerName, operation: string): boolean {
  const route = controlRoutes.find(({ id }) => id === operation);
  const callers: readonly CallerKind[] = route?.callers ?? [];
  return KINDS[caller].some((kind) => callers.includes(kind));
}

const COVERING: Readonly<Record<CallerKind, CallerName>> = {
  public: 'nobody',
  user: 'user',
  apiKey: 'account-key',
  admin: 'admin',
  worker: 'worker',
};

/** The one who tries every value at its bounds; each operation has one such caller. */
export function coveringCaller(operation: string): CallerName {
  const route: RouteDeclaration | undefined = controlRoutes.find(({ id }) => id === operation);
  return COVERING[route?.callers[0] ?? 'public'];
}

type Api = Client<typeof controlRoutes>;
type Fresh = () => Promise<Subject>;

const PASSWORD = 'a long pass phrase';
/** Of the sessions that the run itself needs to its end. */
const KEPT_NAMES = /^(line \d+|spare|reported|own)$/;
const FAR_AHEAD_MS = 24 * 3_600_000;
/** They stand in an order, which a schema cannot say. */
const DAYS: Subject = { query: { from: '2026-11-01', to: '2026-11-21' } };
const NUMBER = '6281200000001';
const TEXT = { to: '6281200000002', type: 'text', message: 'Hello' } as const;

interface Tenant {
  userId: string;
  email: string;
  token: string;
  refreshToken: string;
  api: Api;
}

interface Seeded {
  api: Api;
  /** For what only reads or sends; linked where the account is a tenant's. */
  sessionId: string;
  /** For what connects, ends or changes a session. */
  spareId: string;
  webhookId: string;
  deliveryId: string;
  messageId: string;
}

export interface Subjects {
  /** What a caller shows. A login lasts a quarter of an hour, a whole run longer: each caller has a login of its own. */
  tokenOf(caller: CallerName): Promise<string | undefined>;
  /** Without which the rest of the run would be hollow. */
  keptIds: string[];
  of(operation: string, caller: CallerName): Promise<Subject>;
  /** Tidies up after a success, so that no bound of an account ends the run for the operations to come. */
  after(operation: string, caller: CallerName, data: Record<string, unknown>): Promise<void>;
}

/** A new login in place of one that ends some time; nothing changes for an account that may have none just now. */
async function renewLogin(baseUrl: string, tenant: Tenant): Promise<void> {
  const { refreshToken } = tenant;
  const renewed = await createClient(controlRoutes, { baseUrl })
    .refresh({ body: { refreshToken } })
    .catch(() => undefined);
  if (renewed === undefined) return;
  tenant.token = renewed.data.accessToken;
  tenant.refreshToken = renewed.data.refreshToken;
}

async function register(baseUrl: string): Promise<Tenant> {
  const email = `conformance-${randomUUID()}@example.com`;
  const anonymous = createClient(controlRoutes, { baseUrl });
  const { data } = await anonymous.register({ body: { email, password: PASSWORD, name: 'Ada' } });
  const { accessToken: token, refreshToken, user } = data;
  const tenant = { userId: user.userId, email, token, refreshToken };
  return Object.assign(tenant, { api: createClient(controlRoutes, { baseUrl, token: () => tenant.token }) });
}

/** At the tier's limit, what sequences of calls have left behind makes room. */
async function newSession(api: Api, name: string = randomUUID().slice(0, 8)): Promise<string> {
  const create = async () => (await api.createSession({ body: { name } })).data.sessionId;
  return await create().catch(async () => {
    const { data } = await api.listSessions({});
    const left = data.sessions.filter((session) => !KEPT_NAMES.test(session.name));
    await Promise.all(left.map(({ sessionId }) => api.deleteSession({ params: { sessionId } })));
    return await create();
  });
}

async function newWebhook(api: Api, sinkUrl: string): Promise<string> {
  return (await api.createWebhook({ body: { url: `${sinkUrl}/hook`, events: ['*'] } })).data.webhookId;
}

async function scheduled(api: Api, sessionId: string): Promise<string> {
  const scheduledAt = new Date(Date.now() + FAR_AHEAD_MS).toISOString();
  const { data } = await api.sendMessage({ params: { sessionId }, body: { ...TEXT, scheduledAt } });
  return data.messageId;
}

async function seed(api: Api, sessionId: string, sinkUrl: string): Promise<Seeded> {
  const webhookId = await newWebhook(api, sinkUrl);
  const [spareId, messageId, delivery] = await Promise.all([
    newSession(api, 'spare'),
    scheduled(api, sessionId),
    api.testWebhook({ params: { webhookId } }),
  ]);
  return { api, sessionId, spareId, webhookId, deliveryId: delivery.data.deliveryId, messageId };
}

/**
 * Accounts, sessions, webhooks, workers and keys for every caller, made through the API itself.
 * @param sinkUrl a server of the run that takes every webhook
 */
export async function createSubjects(runtime: LocalRuntime, sinkUrl: string): Promise<Subjects> {
  const { url: baseUrl, sandbox, secrets } = runtime;
  if (sandbox === undefined) throw new Error('this runs on the sandbox');
  let adminToken = await runtime.adminToken();
  const admin = createClient(controlRoutes, { baseUrl, token: () => adminToken });
  const workerApi = createClient(controlRoutes, { baseUrl, token: () => secrets.workerToken });
  const promote = (userId: string) => admin.updateUser({ params: { userId }, body: { tier: 'MAX' } });

  const tenant = await register(baseUrl);
  await promote(tenant.userId);
  const { data: self } = await admin.getProfile({});
  await promote(self.userId);
  const live = () =>
    openLiveClient({ url: runtime.websocketUrl, token: () => tenant.token, reconnect: false });
  const socket = await live();
  await sandbox.addAccount({ number: TEXT.to, name: 'Recipient' });
  const linked = await linkSession({ sandbox }, { api: tenant.api, live }, NUMBER, socket);
  socket.close();
  const own = {
    tenant: await seed(tenant.api, linked.sessionId, sinkUrl),
    admin: await seed(admin, await newSession(admin, 'own'), sinkUrl),
  };
  const seededOf = (caller: CallerName) => (caller === 'admin' ? own.admin : own.tenant);
  const accountKey = await tenant.api.createApiKey({ body: {} });
  const founded = await tenant.api.createGroup({
    params: { sessionId: linked.sessionId },
    body: { subject: 'Conformance', participants: [TEXT.to] },
  });
  const { groupId } = founded.data;
  const sessionKey = await tenant.api.createApiKey({ body: { sessionId: linked.sessionId } });
  // A session of its own for reports of made-up workers: they say that it is connected, and it is not.
  const reportedId = await newSession(tenant.api, 'reported');
  const other = await register(baseUrl);
  let leaving = await register(baseUrl);
  let ghosts = 0;

  /** It takes no sessions: nobody is there. */
  async function setAside(workerId: string): Promise<void> {
    await admin
      .updateWorker({ params: { workerId }, body: { status: 'MAINTENANCE' } })
      .catch(() => undefined);
  }

  async function ghostWorker(): Promise<string> {
    ghosts += 1;
    const workerId = `ghost-${ghosts % 5}`;
    const endpoint = `${sinkUrl}/${workerId}`;
    const maxSessions = 1;
    const body = { workerId, endpoint, maxSessions, version: '1', environment: 'TESTING' };
    await workerApi.registerWorker({ body }).catch(() => undefined);
    await setAside(workerId);
    return workerId;
  }
  const onGhost: Fresh = async () => ({ path: { workerId: await ghostWorker() } });
  const onSpare = (caller: CallerName) => ({ path: { sessionId: seededOf(caller).spareId } });
  const onReported = { body: { sessionId: reportedId }, without: ['epoch', 'seq', 'data', 'timestamp'] };

  const fresh = (caller: CallerName): Readonly<Record<string, Fresh>> => {
    const { api, sessionId, webhookId, deliveryId, messageId } = seededOf(caller);
    const session = { sessionId };
    const to = { to: TEXT.to };
    return {
      deleteSession: async () => ({ path: { sessionId: await newSession(api) } }),
      issueSessionKey: async () => onSpare(caller),
      connectSession: async () => onSpare(caller),
      disconnectSession: async () => onSpare(caller),
      logoutSession: async () => onSpare(caller),
      restartSession: async () => onSpare(caller),
      requestPairingCode: async () => ({ ...onSpare(caller), body: { phoneNumber: TEXT.to } }),
      updateSession: async () => onSpare(caller),
      migrateSession: async () => ({ ...onSpare(caller), without: ['workerId'] }),
      sendMessage: async () => ({ path: session, body: to }),
      sendByKey: async () => ({ body: { ...session, ...to } }),
      reactToMessage: async () => ({ path: { ...session, messageId }, body: to }),
      editMessage: async () => ({ path: { ...session, messageId }, body: to }),
      readMessage: async () => ({ path: { ...session, messageId }, body: to }),
      deleteMessage: async () => ({ path: { ...session, messageId: await scheduled(api, sessionId) } }),
      deleteWebhook: async () => ({ path: { webhookId: await newWebhook(api, sinkUrl) } }),
      updateWebhook: async () => ({ path: { webhookId }, without: ['sessionIds'] }),
      createApiKey: async () => ({ body: session }),
      createWebhook: async () => ({ without: ['sessionIds'] }),
      revokeApiKey: async () => ({ path: { keyId: (await api.createApiKey({ body: {} })).data.keyId } }),
      replayDelivery: async () => ({ path: { webhookId, deliveryId } }),
      listDeliveries: async () => ({ path: { webhookId } }),
      testWebhook: async () => ({ path: { webhookId } }),
      getUser: async () => ({ path: { userId: other.userId } }),
      updateUser: async () => ({ path: { userId: other.userId } }),
      deleteUser: async () => ({ path: { userId: (await register(baseUrl)).userId } }),
      changePassword: async () => {
        leaving = await register(baseUrl);
        return { token: leaving.token, body: { currentPassword: PASSWORD } };
      },
      updateProfile: async () => ({ token: other.token }),
      login: async () => ({ body: { email: tenant.email, password: PASSWORD } }),
      refresh: async () => ({ body: { refreshToken: leaving.refreshToken } }),
      logout: async () => ({ body: { refreshToken: leaving.refreshToken } }),
      bulkSessions: async () => ({ body: { sessionIds: [await newSession(admin)] } }),
      getWorker: onGhost,
      updateWorker: onGhost,
      drainWorker: onGhost,
      unregisterWorker: onGhost,
      unregisterSelf: async () => ({ body: { workerId: await ghostWorker() } }),
      heartbeatWorker: async () => ({ ...(await onGhost()), without: ['generation', 'status'] }),
      recordWorkerEvents: async () => ({ ...(await onGhost()), without: ['sessionId', 'epoch'] }),
      releaseSession: onGhost,
      listAssignedSessions: onGhost,
      reportRecovery: onGhost,
      registerWorker: async () => ({ body: { workerId: 'ghost-0', endpoint: `${sinkUrl}/ghost-0` } }),
      reportSessionStatus: async () => onReported,
      reportMessageStatus: async () => onReported,
    };
  };

  const tokens: Readonly<Record<CallerName, () => string | undefined>> = {
    user: () => tenant.token,
    admin: () => adminToken,
    'account-key': () => accountKey.data.apiKey,
    'session-key': () => sessionKey.data.apiKey,
    worker: () => secrets.workerToken,
    nobody: () => undefined,
  };

  return {
    async tokenOf(caller) {
      adminToken = await runtime.adminToken();
      await Promise.all([renewLogin(baseUrl, tenant), renewLogin(baseUrl, other)]);
      return tokens[caller]();
    },
    keptIds: [
      ...[own.tenant, own.admin].flatMap((each) => [each.sessionId, each.spareId, each.webhookId]),
      ...[accountKey, sessionKey].map(({ data }) => data.keyId),
      ...[tenant.userId, self.userId, other.userId, reportedId],
      ...runtime.workers.map(({ workerId }) => workerId),
    ],
    async of(operation, caller) {
      if (operation.endsWith('Analytics')) return DAYS;
      if (!mayCall(caller, operation)) return {};
      const { sessionId, messageId, webhookId } = seededOf(caller);
      return (await fresh(caller)[operation]?.()) ?? { path: { sessionId, messageId, webhookId, groupId } };
    },
    async after(operation, caller, data) {
      const { api } = seededOf(caller);
      const id = (name: string) => String(data[name]);
      if (operation === 'createSession') await api.deleteSession({ params: { sessionId: id('sessionId') } });
      if (operation === 'createWebhook') await api.deleteWebhook({ params: { webhookId: id('webhookId') } });
      if (operation === 'createApiKey') await api.revokeApiKey({ params: { keyId: id('keyId') } });
      if (operation === 'addWorker')
        await workerApi.unregisterWorker({ params: { workerId: id('workerId') } });
      if (['registerWorker', 'updateWorker', 'heartbeatWorker'].includes(operation))
        await setAside(id('workerId'));
      if (operation === 'updateUser')
        await admin.updateUser({ params: { userId: other.userId }, body: { disabled: false, role: 'USER' } });
      if (operation === 'refresh') leaving.refreshToken = id('refreshToken');
      if (operation === 'logout') leaving = await register(baseUrl);
    },
  };
}
