import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SandboxClient } from '../../sandbox/sandbox-client.ts';
import { type Sandbox, startSandbox } from '../../sandbox/start-sandbox.ts';
import '../../testing/sandbox/quiet-libsignal.ts';
import { BaileysClient } from '../../testing/sandbox/baileys-client.ts';

const owner = '628111000001';
const friend = '628222000002';

describe('the control API', () => {
  let sandbox: Sandbox;
  let control: SandboxClient;
  let client: BaileysClient;

  beforeAll(async () => {
    sandbox = await startSandbox({ seed: 'control' });
    control = new SandboxClient(sandbox.controlUrl);
    client = new BaileysClient(sandbox);
  });
  afterAll(async () => {
    await client.close();
    await sandbox.close();
  });

  const raw = (method: string, path: string, body?: string) =>
    fetch(sandbox.controlUrl + path, { method, ...(body === undefined ? {} : { body }) });

  it('the control API lists its routes at the root', async () => {
    const answer = (await (await raw('GET', '/')).json()) as { routes: { route: string }[] };
    expect(answer.routes.map((one) => one.route)).toContain('POST /accounts/{number}/scan');
    expect(answer.routes.length).toBeGreaterThan(18);
  });

  it('the control API tells the whole story over HTTP: people, linking, sending, reading, receipts', async () => {
    await control.addAccount({ number: '+62 811-1000-001', name: 'Owner' });
    const contact = await control.addContact({ number: friend, name: 'Friend' });
    expect(contact).toMatchObject({ number: friend, reads: true, delivers: true, exists: true });
    const opened = client.ready();
    const first = client.next<string>('qr');
    client.connect();
    const second = first.then((qr) => {
      const next = client.next<string>('qr');
      return control.scan(owner, qr).then((result) => ({ result, next }));
    });
    const { result, next } = await second;
    expect(result).toEqual({ status: 'rescan' });
    expect(await control.scan(owner, await next)).toMatchObject({ status: 'linked', device: 1 });
    await opened;
    const { ids } = await control.send(friend, { to: owner, text: 'over HTTP', id: 'MYID' });
    expect(ids).toEqual(['MYID']);
    await client.message('MYID');
    expect((await control.receipts(friend, { waitMs: 60_000, device: 1 })).receipts).toMatchObject([
      { id: 'MYID' },
    ]);
    const waiting = control.inbox(friend, { waitMs: 60_000, from: owner });
    await client.send(`${friend}@s.whatsapp.net`, { text: 'answered' });
    expect((await waiting).messages).toMatchObject([{ text: 'answered', from: owner }]);
    expect(await control.devices(owner)).toMatchObject([{ device: 1, connected: true }]);
    expect(await control.connections()).toMatchObject([{ number: owner, state: 'online' }]);
    expect((await control.counters())[owner]).toMatchObject({ messagesAccepted: 1, decryptionFailures: 0 });
  });

  it('the control API sets, lists and clears faults and options', async () => {
    await control.addFault({ kind: 'nack', account: owner, code: 463 });
    expect(await control.listFaults()).toMatchObject([{ kind: 'nack', account: owner, hits: 0 }]);
    expect(await control.clearFaults({ kind: 'nack', account: owner })).toEqual({ cleared: 1 });
    expect(await control.setOptions({ addressing: 'pn' })).toMatchObject({
      addressing: 'pn',
      linking: '2026',
    });
  });

  it('the control API gives the inbox page by page', async () => {
    await control.addContact({ number: '628777000007' });
    await control.send('628777000007', { to: friend, text: 'number {n}', count: 30 });
    const { messages } = await control.inbox(friend, { waitMs: 60_000, count: 30, from: '628777000007' });
    expect(messages.map((one) => one.text)).toEqual(
      Array.from({ length: 30 }, (_, at) => `number ${at + 1}`),
    );
    const after = messages[19]?.seq ?? 0;
    expect((await control.inbox(friend, { after, from: '628777000007' })).messages).toHaveLength(10);
  });

  it.each([
    ['POST', '/accounts', '{"number":"abc"}', 400, 'not a phone number'],
    ['POST', '/accounts', '{', 400, 'not JSON'],
    ['POST', '/accounts', '{"numbr":"628111"}', 400, 'number'],
    ['POST', '/accounts/628000000000/scan', '{"qr":"x"}', 404, 'no account'],
    ['POST', `/accounts/${owner}/scan`, '{"qr":"x"}', 400, 'not a linking QR'],
    ['POST', `/accounts/${owner}/enter-code`, '{"code":"ABC"}', 400, 'eight characters'],
    ['POST', `/accounts/${owner}/enter-code`, '{"code":"ABCD1234"}', 409, 'No client is waiting'],
    ['POST', `/accounts/${owner}/send`, '{"to":"628222000002"}', 400, 'Nothing to send'],
    ['POST', `/accounts/${owner}/send`, '{"to":"nobody@g.us","text":"x"}', 404, 'no group'],
    ['GET', `/accounts/${owner}/inbox?wait=forever`, undefined, 400, 'wait'],
    ['POST', '/faults', '{"kind":"earthquake"}', 400, 'kind'],
    ['GET', '/nowhere', undefined, 404, 'GET / lists'],
    ['GET', '/accounts/%E0%A4%A/devices', undefined, 400, 'address'],
  ])('%s %s %s is answered %i with a sentence', async (method, path, body, status, words) => {
    const response = await raw(method, path, body);
    expect(response.status).toBe(status);
    expect(((await response.json()) as { error: string }).error).toContain(words);
  });

  it('the control API survives a WebSocket that speaks nonsense', async () => {
    const socket = new WebSocket(sandbox.url);
    await new Promise((resolve) => socket.addEventListener('open', resolve));
    const closed = new Promise((resolve) => socket.addEventListener('close', resolve));
    socket.send(Buffer.from('GET / HTTP/1.1'));
    await closed;
    expect((await control.listAccounts()).length).toBeGreaterThan(0);
  });
});
