import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { RealtimeFeed } from '../local/demo/realtime-feed.ts';
import { createScreen } from '../local/demo/screen.ts';
import {
  awaitReceipts,
  link,
  receiveAnswer,
  sendPicture,
  sendText,
  type Tenant,
  tellLatencies,
} from '../local/demo/story.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../local/demo/webhook-receiver.ts';
import { createClient } from '../shared/contract/client.ts';
import { controlRoutes } from '../shared/contract/control-routes.ts';
import { SandboxClient } from '../test/sandbox/sandbox-client.ts';

const CONNECT_TIMEOUT_MS = 10_000;
const makeNumber = () => `62813${String(randomBytes(4).readUInt32BE()).padStart(10, '0').slice(0, 8)}`;

/** The token goes in the query: MiniStack passes no sub-protocol on, which the demo's own way needs. */
async function openFeed(websocketUrl: string, token: string): Promise<RealtimeFeed> {
  const url = `${websocketUrl}?token=${encodeURIComponent(token)}`;
  const socket = new WebSocket(url, { handshakeTimeout: CONNECT_TIMEOUT_MS });
  const feed = new RealtimeFeed(socket);
  await once(socket, 'open');
  return feed;
}

async function signUp(url: string, sandboxUrl: string, webhooks: WebhookReceiver): Promise<Tenant> {
  const screen = createScreen((line) => console.log(line));
  const sandbox = new SandboxClient(sandboxUrl);
  const { data: login } = await screen.step('A tenant signs up', () =>
    createClient(controlRoutes, { baseUrl: url }).register({
      body: {
        email: `emulator-${randomBytes(4).toString('hex')}@example.com`,
        password: randomBytes(12).toString('base64url'),
        name: 'Emulator',
      },
    }),
  );
  const client = createClient(controlRoutes, { baseUrl: url, token: () => login.accessToken });
  const { data: config } = await client.getConfig({});
  const feed = await screen.step('opens a WebSocket', () => openFeed(config.websocketUrl, login.accessToken));
  const { data: session } = await screen.step('creates a session', () =>
    client.createSession({ body: { name: 'Emulator' } }),
  );
  await screen.step('subscribes to it', () => feed.subscribe(session.sessionId));
  await screen.step('registers a webhook', async () => {
    const events = ['message.received'] as const;
    const { data } = await client.createWebhook({ body: { url: webhooks.url, events: [...events] } });
    webhooks.trust(data.secret ?? '');
  });
  const [phone, friend] = [makeNumber(), makeNumber()];
  await sandbox.addAccount({ number: phone, name: 'Tenant' });
  await sandbox.addContact({ number: friend, name: 'A friend' });
  const { sessionId } = session;
  return { url, sandbox, webhooks, screen, client, feed, sessionId, phone, friend, latenciesMs: [] };
}

/** The demo's chapters, told through what is deployed at `url`. @throws where one does not come about */
export async function tellStory(url: string, sandboxUrl: string): Promise<void> {
  await using parts = new AsyncDisposableStack();
  const webhooks = await startWebhookReceiver();
  parts.defer(() => webhooks.close());
  const tenant = await signUp(url, sandboxUrl, webhooks);
  try {
    await link(tenant);
    tellLatencies(tenant);
    await awaitReceipts(tenant, await sendText(tenant, 'Hello through the emulator!'));
    await sendPicture(tenant);
    await receiveAnswer(tenant, 'Hello back!');
    await tenant.screen.step('The session is deleted', () =>
      tenant.client.deleteSession({ params: { sessionId: tenant.sessionId } }),
    );
  } finally {
    tenant.feed.close();
  }
}
