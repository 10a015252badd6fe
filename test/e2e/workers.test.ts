import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Gateway, linkSession, startGateway, type Tenant } from '../../testing/harness/gateway.ts';

const NUMBER = '6281200000021';
const FRIEND = '6281200000022';

describe('a worker that dies', () => {
  let gateway: Gateway;
  let tenant: Tenant;
  let sessionId: string;

  beforeAll(async () => {
    gateway = await startGateway();
    tenant = await gateway.signUp('ada');
    await gateway.sandbox.addContact({ number: FRIEND });
    ({ sessionId } = await linkSession(gateway, tenant, NUMBER));
  });
  afterAll(() => gateway.close());

  const send = (message: string) =>
    tenant.api.sendMessage({ params: { sessionId }, body: { to: FRIEND, type: 'text', message } });

  it('makes a send answer 503 with Retry-After, or 202, and never loses the session', async () => {
    await gateway.killWorker(0);
    const failure = await send('while it is down').then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (failure !== undefined) {
      expect(failure).toMatchObject({
        status: expect.toSatisfy((status: number) => status === 503 || status === 409),
      });
      expect(failure).toMatchObject({
        code: expect.stringMatching(/WORKER_UNREACHABLE|SESSION_MOVING|SESSION_NOT_CONNECTED/),
      });
    }
    expect((await tenant.api.getSession({ params: { sessionId } })).data.status).not.toBe('LOGGED_OUT');
  });

  it('is started again and takes its sessions back without a QR', async () => {
    await expect
      .poll(async () => (await tenant.api.getSessionStatus({ params: { sessionId } })).data.status)
      .toBe('CONNECTED');
    let id = '';
    const status = async () => {
      const { data } = await send('after it came back');
      id = data.messageId;
      return data.status;
    };
    await expect.poll(() => status().catch(() => undefined)).toBe('sent');
    const { messages } = await gateway.sandbox.inbox(FRIEND, { id, waitMs: 60_000 });
    expect(messages).toMatchObject([{ text: 'after it came back' }]);
    expect((await gateway.sandbox.counters())[FRIEND]).toMatchObject({ decryptionFailures: 0 });
  });

  it('brings what was written to the tenant in the meantime', async () => {
    const live = await tenant.live();
    await live.subscribe(sessionId);
    await gateway.killWorker(0);
    const { ids } = await gateway.sandbox.send(FRIEND, { to: NUMBER, text: 'written while nobody listened' });
    const { data } = await live.waitFor('message_received', ({ id }) => ids.includes(id));
    expect(data).toMatchObject({ content: 'written while nobody listened' });
  });
});
