import { createHash, randomBytes } from 'node:crypto';
import { toBuffer } from 'qrcode';
import type { SandboxClient } from '../../sandbox/sandbox-client.ts';
import { type Client, createClient } from '../../shared/contract/client.ts';
import { controlRoutes } from '../../shared/control-routes.ts';
import { type LiveClient, openLiveClient } from '../../shared/realtime/live-client.ts';
import type { ServerFrame } from '../../shared/realtime/schema.ts';
import type { Screen } from './screen.ts';
import { median } from './screen.ts';
import type { WebhookReceiver } from './webhook-receiver.ts';

export interface Stage {
  /** The tenant's own server. */
  webhooks: WebhookReceiver;
  url: string;
  sandbox: SandboxClient;
  screen: Screen;
}

/** What the chapters of the story hand on. */
export interface Tenant extends Stage {
  client: Client<typeof controlRoutes>;
  live: LiveClient;
  /** When each frame arrived, in milliseconds since the epoch. */
  arrivals: WeakMap<ServerFrame, number>;
  sessionId: string;
  phone: string;
  friend: string;
  /** Milliseconds from each QR event in the worker to its frame here. */
  latenciesMs: number[];
}

const SOON_MS = 15_000;
const RESTART_MS = 40_000;
const QR_ROUNDS = 15;

/** Numbers that nothing else in the sandbox uses. */
const makeNumber = () => `62812${String(randomBytes(4).readUInt32BE()).padStart(10, '0').slice(0, 8)}`;

export async function signUp(stage: Stage): Promise<Tenant> {
  const { url, sandbox, screen } = stage;
  const email = `demo-${randomBytes(4).toString('hex')}@example.com`;
  const { data: login } = await screen.step(
    'A tenant signs up',
    () =>
      createClient(controlRoutes, { baseUrl: url }).register({
        body: { email, password: randomBytes(12).toString('base64url'), name: 'Demo' },
      }),
    ({ data }) => data.user.email,
  );
  const client = createClient(controlRoutes, { baseUrl: url, token: () => login.accessToken });
  const { data: config } = await client.getConfig({});
  const live = await screen.step(
    'opens a WebSocket',
    () => openLiveClient({ url: config.websocketUrl, token: () => login.accessToken }),
    () => config.websocketUrl,
  );
  const arrivals = new WeakMap<ServerFrame, number>();
  live.onFrame((frame) => arrivals.set(frame, performance.timeOrigin + performance.now()));
  const { data: session } = await screen.step(
    'creates a session',
    () => client.createSession({ body: { name: 'Demo' } }),
    ({ data }) => data.sessionId,
  );
  await screen.step(
    'registers a webhook',
    async () => {
      const events = ['message.received' as const];
      const { data } = await client.createWebhook({ body: { url: stage.webhooks.url, events } });
      stage.webhooks.trust(data.secret ?? '');
    },
    () => stage.webhooks.url,
  );
  await screen.step('subscribes to its session', () => live.subscribe(session.sessionId));
  const [phone, friend] = [makeNumber(), makeNumber()];
  await sandbox.addAccount({ number: phone, name: 'Demo tenant' });
  await sandbox.addContact({ number: friend, name: 'A friend' });
  return { ...stage, client, live, arrivals, sessionId: session.sessionId, phone, friend, latenciesMs: [] };
}

async function nextQr(tenant: Tenant, previous?: string): Promise<string> {
  const { live, arrivals, sessionId, latenciesMs } = tenant;
  const frame = await live.waitFor(
    'qr_code_update',
    (data) => data.sessionId === sessionId && data.qrString !== previous,
    SOON_MS,
  );
  latenciesMs.push((arrivals.get(frame) ?? Number.NaN) - Date.parse(frame.timestamp));
  return frame.data.qrString;
}

async function awaitStatus({ live, sessionId }: Tenant, status: string, timeoutMs: number): Promise<string> {
  const frame = await live.waitFor(
    'session_status_update',
    (data) => data.sessionId === sessionId && data.status === status,
    timeoutMs,
  );
  return frame.data.phoneNumber ?? '';
}

/** Waits for the live QR several times, to measure how fast it arrives. */
async function firstQr(tenant: Tenant): Promise<string> {
  const { client, sessionId, live } = tenant;
  const params = { sessionId };
  for (let round = 1; ; round += 1) {
    live.forget();
    await client.connectSession({ params });
    const qr = await nextQr(tenant);
    if (round === QR_ROUNDS) return qr;
    await client.disconnectSession({ params });
    await awaitStatus(tenant, 'DISCONNECTED', SOON_MS);
  }
}

export async function link(tenant: Tenant): Promise<void> {
  const { screen, sandbox, phone } = tenant;
  let qr = await screen.step(`connects, and the QR comes over the WebSocket, ${QR_ROUNDS} times over`, () =>
    firstQr(tenant),
  );
  await screen.drawQr(qr);
  await screen.step('The phone scans it', async () => {
    // Since July 2026 the first scan only retires the QR's secret; the phone scans the next one.
    while ((await sandbox.scan(phone, qr)).status === 'rescan') qr = await nextQr(tenant, qr);
  });
  await screen.step(
    'and the session is CONNECTED',
    () => awaitStatus(tenant, 'CONNECTED', SOON_MS),
    (phoneNumber) => phoneNumber,
  );
}

async function inboxMessage({ sandbox, friend }: Tenant, id: string) {
  const { messages } = await sandbox.inbox(friend, { id, count: 1, waitMs: SOON_MS });
  const [message] = messages;
  if (message === undefined) throw new Error('the recipient did not get the message');
  return message;
}

export async function sendText(tenant: Tenant, text: string): Promise<string> {
  const { client, sessionId, friend, screen } = tenant;
  const body = { to: friend, type: 'text', message: text };
  const { data } = await screen.step(
    'A text is sent',
    () => client.sendMessage({ params: { sessionId }, body }),
    ({ data: { messageId, status } }) => `${messageId} ${status}`,
  );
  await screen.step(
    'and its recipient decrypts it',
    async () => {
      const message = await inboxMessage(tenant, data.messageId);
      if (message.text !== text) throw new Error('the recipient read another text');
      return message.text;
    },
    (read) => `“${read}”`,
  );
  return data.messageId;
}

export async function awaitReceipts({ live, screen }: Tenant, messageId: string): Promise<void> {
  for (const status of ['delivered', 'read'] as const)
    await screen.step(`“${status}” comes back`, () =>
      live.waitFor(
        'message_status_update',
        (data) => data.messageId === messageId && data.status === status,
        SOON_MS,
      ),
    );
}

export async function sendPicture(tenant: Tenant): Promise<void> {
  const { client, sessionId, friend, screen } = tenant;
  const picture = await toBuffer('https://example.com/', { width: 300 });
  const media = `data:image/png;base64,${picture.toString('base64')}`;
  const body = { to: friend, type: 'image', media, caption: 'A picture' };
  const { data } = await screen.step('A picture is sent', () =>
    client.sendMessage({ params: { sessionId }, body }),
  );
  await screen.step(
    'and its recipient downloads and decrypts the very same bytes',
    async () => {
      const { media: got } = await inboxMessage(tenant, data.messageId);
      if (got?.sha256 !== createHash('sha256').update(picture).digest('hex'))
        throw new Error(got?.error ?? 'the recipient saw another picture');
      return got.sizeBytes;
    },
    (sizeBytes) => `${sizeBytes} bytes`,
  );
}

/** The message arrives twice: by WebSocket for a screen, by webhook for the tenant's software. */
export async function receiveAnswer(tenant: Tenant, text: string): Promise<void> {
  const { sandbox, friend, phone, live, sessionId, screen, webhooks } = tenant;
  const ids: string[] = [];
  await screen.step(
    'The friend answers, and it arrives over the WebSocket',
    async () => {
      ids.push(...(await sandbox.send(friend, { to: phone, text })).ids);
      const frame = await live.waitFor(
        'message_received',
        (data) => data.sessionId === sessionId && ids.includes(data.id),
        SOON_MS,
      );
      if (!JSON.stringify(frame.data).includes(text)) throw new Error('the answer came without its text');
    },
    () => `“${text}”`,
  );
  await screen.step(
    'and at the tenant’s webhook, its signature checked',
    () =>
      webhooks.next(
        ({ type, data }) => type === 'message.received' && ids.includes(String(data['id'])),
        SOON_MS,
      ),
    ({ id }) => id,
  );
}

/** Only the local runtime offers its workers' process ids. */
export async function surviveDeath(tenant: Tenant): Promise<void> {
  const { url, live, screen, sessionId, client } = tenant;
  const response = await fetch(`${url}/.local/workers`);
  const { workers = [] } = (response.ok ? await response.json() : {}) as { workers?: { pid?: number }[] };
  const pids = workers.map(({ pid }) => pid).filter((pid) => pid !== undefined);
  if (pids.length === 0) {
    screen.say('  (this gateway does not offer its workers for killing; that chapter is left out)');
    return;
  }
  live.forget();
  await screen.step(
    `${pids.length === 1 ? 'The worker is' : 'All workers are'} killed, and the session comes back without a QR`,
    async () => {
      for (const pid of pids) process.kill(pid, 'SIGKILL');
      const qr = live
        .waitFor('qr_code_update', (data) => data.sessionId === sessionId, RESTART_MS)
        .then(
          () => Promise.reject(new Error('a QR was asked for')),
          () => '',
        );
      await Promise.race([awaitStatus(tenant, 'CONNECTED', RESTART_MS), qr]);
      const { data } = await client.getSessionStatus({ params: { sessionId } });
      return data.status;
    },
    (status) => status,
  );
  await sendText(tenant, 'Still here.');
}

export function tellLatencies({ screen, latenciesMs }: Tenant): void {
  const list = latenciesMs.map((each) => each.toFixed(1)).join(', ');
  screen.say(
    `  QR event in the worker to frame at the client: median ${median(latenciesMs).toFixed(1)} ms (${list})`,
  );
}
