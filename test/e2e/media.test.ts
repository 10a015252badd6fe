import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Gateway, linkSession, startGateway, type Tenant } from '../../testing/harness/gateway.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../../testing/harness/webhook-receiver.ts';

const OWN = '6281200000011';
const FRIEND = '6281200000012';
const sha256 = (data: Uint8Array) => createHash('sha256').update(data).digest('hex');

describe('media by signed URLs', () => {
  let gateway: Gateway;
  let tenant: Tenant;
  let receiver: WebhookReceiver;
  let sessionId: string;

  beforeAll(async () => {
    gateway = await startGateway();
    tenant = await gateway.signUp('media');
    await gateway.sandbox.addContact({ number: FRIEND, name: 'Grace' });
    ({ sessionId } = await linkSession(gateway, tenant, OWN));
    receiver = await startWebhookReceiver();
    await tenant.api.createWebhook({ body: { url: receiver.url, events: ['message.received'] } });
  });
  afterAll(async () => {
    await receiver.close();
    await gateway.close();
  });

  async function upload(mimetype: string, bytes: Uint8Array, filename?: string): Promise<string> {
    const body = { mimetype, sizeBytes: bytes.length, ...(filename === undefined ? {} : { filename }) };
    const { data } = await tenant.api.createMedia({ params: { sessionId }, body });
    const { status } = await fetch(data.uploadUrl, { method: 'PUT', headers: data.headers, body: bytes });
    expect(status).toBe(200);
    return data.mediaId;
  }
  /** Follows the redirect as a browser would, without our token. */
  async function download(mediaId: string): Promise<Buffer> {
    const url = `${gateway.url}/api/v1/sessions/${sessionId}/media/${mediaId}`;
    const headers = { authorization: `Bearer ${tenant.token}` };
    const redirect = await fetch(url, { headers, redirect: 'manual' });
    expect(redirect.status).toBe(302);
    const file = await fetch(redirect.headers.get('location') ?? '');
    return Buffer.from(await file.arrayBuffer());
  }

  it('an upload larger than a request may be arrives byte for byte, and can be fetched again', async () => {
    const film = randomBytes(5 * 1_048_576);
    const mediaId = await upload('video/mp4', film);
    const body = { to: FRIEND, type: 'video' as const, media: { mediaId, caption: 'a film' } };
    const { data } = await tenant.api.sendMessage({ params: { sessionId }, body });
    const { messages } = await gateway.sandbox.inbox(FRIEND, { id: data.messageId, waitMs: 60_000 });
    expect(messages).toMatchObject([
      { type: 'video', caption: 'a film', media: { sha256: sha256(film), sizeBytes: film.length } },
    ]);
    expect(sha256(await download(mediaId))).toBe(sha256(film));
  });

  it('one upload serves a bulk send and a later one', async () => {
    const terms = randomBytes(3_000);
    const mediaId = await upload('application/pdf', terms, 'terms.pdf');
    const message = { to: FRIEND, type: 'document' as const, media: { mediaId } };
    const bulk = await tenant.api.sendBulk({ params: { sessionId }, body: { messages: [message, message] } });
    const later = await tenant.api.sendMessage({ params: { sessionId }, body: { ...message, async: true } });
    const ids = [...bulk.data.messages, later.data].map(({ messageId }) => messageId);
    for (const id of ids) {
      const { messages } = await gateway.sandbox.inbox(FRIEND, { id, waitMs: 60_000 });
      expect(messages).toMatchObject([{ type: 'document', media: { sha256: sha256(terms) } }]);
    }
  });

  it('what was never uploaded is refused with a sentence', async () => {
    const place = { mimetype: 'image/png', sizeBytes: 20 };
    const { data } = await tenant.api.createMedia({ params: { sessionId }, body: place });
    const body = { to: FRIEND, type: 'image' as const, media: { mediaId: data.mediaId } };
    await expect(tenant.api.sendMessage({ params: { sessionId }, body })).rejects.toMatchObject({
      code: 'MEDIA_UNAVAILABLE',
      message: expect.stringMatching(/never uploaded/),
    });
  });

  it('another tenant’s upload is a missing one', async () => {
    const mediaId = await upload('image/png', randomBytes(100));
    const other = await gateway.signUp('other');
    const url = `${gateway.url}/api/v1/sessions/${sessionId}/media/${mediaId}`;
    const headers = { authorization: `Bearer ${other.token}` };
    expect((await fetch(url, { headers, redirect: 'manual' })).status).toBe(404);
  });

  it('is gone with its session, also what was never sent', async () => {
    const { api } = await gateway.signUp('short-lived');
    const { data: other } = await api.createSession({ body: { name: 'short-lived' } });
    const place = { mimetype: 'image/png', sizeBytes: 4 };
    const params = { sessionId: other.sessionId };
    const { data } = await api.createMedia({ params, body: place });
    await api.deleteSession({ params });
    await api.createSession({ body: { name: 'short-lived' } });
    const body = { to: FRIEND, type: 'image' as const, media: { mediaId: data.mediaId }, async: true };
    await expect(api.sendMessage({ params, body })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('a received file reaches the tenant’s webhook with a URL that gives its very bytes, and can be sent on', async () => {
    const picture = randomBytes(2_000);
    const media = { type: 'image' as const, dataBase64: picture.toString('base64'), mimetype: 'image/png' };
    const { ids } = await gateway.sandbox.send(FRIEND, { to: OWN, media });
    const { data } = await receiver.next((webhook) => ids.includes(String(webhook.data['id'])));
    const received = data['media'] as { mediaId: string; url: string };
    expect(received).toMatchObject({ mimetype: 'image/png', sizeBytes: picture.length });
    const file = await fetch(received.url);
    expect(sha256(Buffer.from(await file.arrayBuffer()))).toBe(sha256(picture));
    expect(sha256(await download(received.mediaId))).toBe(sha256(picture));

    const params = { sessionId, messageId: String(data['id']) };
    // Its worker is asked; on a busy machine, more than once.
    let url = '';
    const find = async () => {
      url = (await tenant.api.getMessage({ params })).data.message?.media?.url ?? '';
      return url;
    };
    await expect.poll(find).toMatch(/^http/);
    const again = await fetch(url);
    expect(sha256(Buffer.from(await again.arrayBuffer()))).toBe(sha256(picture));

    const body = { to: FRIEND, type: 'image' as const, media: { mediaId: received.mediaId } };
    const sentOn = await tenant.api.sendMessage({ params: { sessionId }, body });
    const query = { id: sentOn.data.messageId, waitMs: 60_000 };
    const { messages } = await gateway.sandbox.inbox(FRIEND, query);
    expect(messages).toMatchObject([{ type: 'image', media: { sha256: sha256(picture) } }]);
    const other = await gateway.signUp('curious');
    const { data: theirs } = await other.api.createSession({ body: { name: 'curious' } });
    const curious = { params: { sessionId: theirs.sessionId }, body: { ...body, async: true } };
    await expect(other.api.sendMessage(curious)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
