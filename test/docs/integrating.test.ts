import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ERROR_CODES } from '../../shared/errors/error-codes.ts';
import { eventExample } from '../../shared/events/create-event.ts';
import { WebhookPayload } from '../../shared/events/webhook-payload.ts';
import { SESSION_STATUSES } from '../../shared/sessions/schema.ts';
import { type Gateway, startGateway, type Tenant } from '../../testing/harness/gateway.ts';
import { writeBlocks } from './read-blocks.ts';

type Call = (
  method: string,
  path: string,
  body?: object,
  options?: { key?: string; tries?: number },
) => Promise<unknown>;
interface Guide {
  openGateway(options: { url: string; token: () => string }): Call;
  linkPhone(options: {
    call: Call;
    token: () => string;
    name: string;
    showQr: (qr: { qrCode: string; qrString: string }) => void;
  }): Promise<string>;
  notify(options: { call: Call; sessionId: string; order: { id: string; phone: string } }): Promise<string>;
  receiveWebhooks(options: { secret: string; handle: (event: unknown) => void }): Server;
}

const OWN = '6281200000071';
const FRIEND = '6281200000072';
const NOBODY = '6289999999999';

async function listen(server: Server): Promise<string> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('the guide to integrating', () => {
  let folder: string;
  let guide: Guide;
  let gateway: Gateway;
  let tenant: Tenant;
  let call: Call;
  let sessionId: string;
  const servers: Server[] = [];

  beforeAll(async () => {
    [folder, gateway] = await Promise.all([writeBlocks('integrating.md'), startGateway()]);
    const load = (name: string) => import(pathToFileURL(join(folder, name)).href) as Promise<Partial<Guide>>;
    const names = ['gateway.mjs', 'link-phone.mjs', 'notify.mjs', 'receive-webhooks.mjs'];
    guide = Object.assign({}, ...(await Promise.all(names.map(load)))) as Guide;
    tenant = await gateway.signUp('reader');
    call = guide.openGateway({ url: gateway.url, token: () => tenant.token });
    await gateway.sandbox.addAccount({ number: OWN, name: 'Reader' });
    await gateway.sandbox.addContact({ number: FRIEND, name: 'Grace' });
  });
  afterAll(async () => {
    for (const server of servers) server.close();
    await gateway.close();
    await rm(folder, { recursive: true });
  });

  it('links a phone by the QR codes that its client was pushed', async () => {
    const shown: string[] = [];
    const showQr = ({ qrCode, qrString }: { qrCode: string; qrString: string }) => {
      expect(qrCode).toMatch(/^data:image\/png;base64,/);
      shown.push(qrString);
      // One that was shown a moment ago may have been replaced.
      gateway.sandbox.scan(OWN, qrString).catch(() => {});
    };
    sessionId = await guide.linkPhone({ call, token: () => tenant.token, name: 'Support', showQr });
    expect(shown.length).toBeGreaterThan(0);
    expect(await call('GET', `/sessions/${sessionId}/status`)).toMatchObject({ status: 'CONNECTED' });
  });

  it('sends once for one order, and tells a number without WhatsApp from a fault', async () => {
    const order = { id: '4711', phone: FRIEND };
    expect(await guide.notify({ call, sessionId, order })).toBe('sent');
    expect(await guide.notify({ call, sessionId, order })).toBe('sent');
    const { messages } = await gateway.sandbox.inbox(FRIEND, { waitMs: 15_000 });
    expect(messages.map(({ text }) => text)).toEqual(['Order 4711 is on its way.']);
    expect(await guide.notify({ call, sessionId, order: { id: '4712', phone: NOBODY } })).toBe('refused');
  });

  it('receives what is signed, once each, and nothing else; in the shape that the reference shows', async () => {
    const server = createServer();
    servers.push(server);
    const url = await listen(server);
    const webhook = (await call('POST', '/webhooks', {
      url,
      events: ['message.received', 'webhook.test'],
    })) as {
      webhookId: string;
      secret: string;
    };
    const arrived: WebhookPayload[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const handle = (event: unknown) => {
      arrived.push(WebhookPayload.parse(event));
      if (arrived.length === 2) resolve();
    };
    const receiver = guide.receiveWebhooks({ secret: webhook.secret, handle });
    server.on('request', (request, response) => receiver.emit('request', request, response));

    expect((await fetch(url, { method: 'POST', body: '{}' })).status).toBe(401);
    await call('POST', `/webhooks/${webhook.webhookId}/test`);
    await gateway.sandbox.send(FRIEND, { to: OWN, text: 'Thank you' });
    await promise;
    for (const { type, data } of arrived)
      expect(Object.keys(data).toSorted()).toEqual(Object.keys(eventExample(type).data).toSorted());
  });

  it('repeats what may go through under the same key, and nothing that may not', async () => {
    const keys: (string | undefined)[] = [];
    const statuses = [503, 429, 200, 400];
    const server = createServer((request, response) => {
      keys.push(request.headers['idempotency-key']?.toString());
      const status = statuses[keys.length - 1] ?? 500;
      response.writeHead(status, { 'retry-after': '0.01', 'content-type': 'application/json' });
      response.end(
        JSON.stringify(status === 200 ? { success: true, data: 'done' } : { error: 'No.', code: 'ANY' }),
      );
    });
    servers.push(server);
    const flaky = guide.openGateway({ url: await listen(server), token: () => 'any' });
    expect(await flaky('POST', '/anything', {})).toBe('done');
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
    await expect(flaky('POST', '/anything', {})).rejects.toMatchObject({ status: 400, code: 'ANY' });
    expect(keys).toHaveLength(4);
  });

  it('names codes with the statuses that they have, and every status of a session', async () => {
    const text = await readFile(new URL('../../docs/integrating.md', import.meta.url), 'utf8');
    const named = [...text.matchAll(/^\| `([A-Z_]+)` \| (\d{3}) \|/gm)].map(([, code, status]) => [
      code,
      Number(status),
    ]);
    const known = Object.entries(ERROR_CODES).map(([code, { status }]) => [code, status]);
    expect(named.length).toBeGreaterThan(5);
    expect(known).toEqual(expect.arrayContaining(named));
    for (const status of SESSION_STATUSES) expect(text).toContain(`\`${status}\``);
  });
});
