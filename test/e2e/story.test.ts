import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LiveClient } from '../../shared/realtime/live-client.ts';
import { type Gateway, linkSession, startGateway, type Tenant } from '../../testing/harness/gateway.ts';

const OWN = '6281200000001';
const FRIEND = '6281200000002';
/** The smallest PNG: one pixel. */
const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const sha256 = (data: Uint8Array) => createHash('sha256').update(data).digest('hex');

describe('a tenant’s whole story', () => {
  let gateway: Gateway;
  let tenant: Tenant;
  let live: LiveClient;
  let sessionId: string;

  beforeAll(async () => {
    gateway = await startGateway();
    tenant = await gateway.signUp('ada');
    await gateway.sandbox.addContact({ number: FRIEND, name: 'Grace' });
    live = await tenant.live();
  });
  afterAll(() => gateway.close());

  const send = (body: Parameters<Tenant['api']['sendMessage']>[0]['body']) =>
    tenant.api.sendMessage({ params: { sessionId }, body });
  const statusOf = async () => (await tenant.api.getSessionStatus({ params: { sessionId } })).data;

  it('links by a QR that arrived live, scanned twice as WhatsApp has asked since 2026', async () => {
    const linked = await linkSession(gateway, tenant, OWN, live);
    sessionId = linked.sessionId;
    expect(linked.scans).toBe(2);
    expect(await statusOf()).toMatchObject({ status: 'CONNECTED', phoneNumber: `+${OWN}` });
  });

  it('delivers a text that its recipient reads, and tells so live', async () => {
    const { data, status } = await send({ to: FRIEND, type: 'text', message: 'Hello, Grace' });
    expect(status).toBe(200);
    expect(data).toMatchObject({ sessionId, status: 'sent' });
    const inbox = await gateway.sandbox.inbox(FRIEND, { id: data.messageId, waitMs: 60_000 });
    expect(inbox.messages).toMatchObject([{ type: 'text', text: 'Hello, Grace' }]);
    await live.waitFor(
      'message_status_update',
      (update) => update.messageId === data.messageId && update.status === 'delivered',
    );
    await live.waitFor(
      'message_status_update',
      (update) => update.messageId === data.messageId && update.status === 'read',
    );
  });

  it.each([
    ['image', `data:image/png;base64,${PIXEL}`, { caption: 'one pixel' }],
    [
      'document',
      `data:application/pdf;base64,${randomBytes(3000).toString('base64')}`,
      { filename: 'terms.pdf' },
    ],
    ['audio', `data:audio/ogg;base64,${randomBytes(2000).toString('base64')}`, { ptt: true }],
    ['video', `data:video/mp4;base64,${randomBytes(4000).toString('base64')}`, { caption: 'a film' }],
  ] as const)('delivers the very bytes of %s media from a data: URL', async (type, media, extra) => {
    const { data } = await send({ to: FRIEND, type, media, ...extra });
    const { messages } = await gateway.sandbox.inbox(FRIEND, { id: data.messageId, waitMs: 60_000 });
    const bytes = Buffer.from(media.slice(media.indexOf(',') + 1), 'base64');
    expect(messages).toMatchObject([{ type, media: { sha256: sha256(bytes), sizeBytes: bytes.length } }]);
  });

  it('fetches media from a URL and delivers its very bytes', async () => {
    const picture = Buffer.from(PIXEL, 'base64');
    const shelf = createServer((_, response) => response.setHeader('content-type', 'image/png').end(picture));
    shelf.listen(0, '127.0.0.1');
    await once(shelf, 'listening');
    const { port } = shelf.address() as AddressInfo;
    const media = { url: `http://127.0.0.1:${port}/pixel.png`, caption: 'from a shelf' };
    const { data } = await send({ to: FRIEND, type: 'image', media });
    shelf.close();
    const { messages } = await gateway.sandbox.inbox(FRIEND, { id: data.messageId, waitMs: 60_000 });
    expect(messages).toMatchObject([{ caption: 'from a shelf', media: { sha256: sha256(picture) } }]);
  });

  it('brings an answer to the tenant live', async () => {
    const { ids } = await gateway.sandbox.send(FRIEND, { to: OWN, text: 'Hello, Ada' });
    const { data } = await live.waitFor('message_received', ({ id }) => ids.includes(id));
    expect(data).toMatchObject({ sessionId, type: 'text', content: 'Hello, Ada', phoneNumber: `+${FRIEND}` });
  });

  it('keeps the link over disconnect and connect, without a QR', async () => {
    await tenant.api.disconnectSession({ params: { sessionId } });
    expect(await statusOf()).toMatchObject({ status: 'DISCONNECTED' });
    const known = live.frames.length;
    await tenant.api.connectSession({ params: { sessionId } });
    await expect.poll(async () => (await statusOf()).status).toBe('CONNECTED');
    expect(live.frames.slice(known).filter(({ event }) => event === 'qr_code_update')).toEqual([]);
  });

  it('leaves the phone’s list of devices on logout, and asks for a QR the next time', async () => {
    await tenant.api.logoutSession({ params: { sessionId } });
    await expect.poll(async () => (await gateway.sandbox.devices(OWN)).length).toBe(0);
    const { data } = await tenant.api.connectSession({ params: { sessionId } });
    expect(['QR_REQUIRED', 'CONNECTING']).toContain(data.status);
    await expect.poll(async () => (await statusOf()).status).toBe('QR_REQUIRED');
  });

  it('is gone for the tenant once deleted, with every object it had', async () => {
    await tenant.api.deleteSession({ params: { sessionId } });
    await expect(tenant.api.getSession({ params: { sessionId } })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});
