import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Gateway, linkSession, startGateway, type Tenant } from '../../testing/harness/gateway.ts';

const NUMBER = '6281200000051';
const FRIEND = '6281200000052';

describe('the messages of a session', () => {
  let gateway: Gateway;
  let tenant: Tenant;
  let params: { sessionId: string };
  let expected: (string | undefined)[];

  beforeAll(async () => {
    gateway = await startGateway();
    tenant = await gateway.signUp('ada');
    await gateway.sandbox.addContact({ number: FRIEND });
    const { sessionId, live } = await linkSession(gateway, tenant, NUMBER);
    params = { sessionId };
    const { ids } = await gateway.sandbox.send(FRIEND, { to: NUMBER, text: 'A question' });
    await live.waitFor('message_received', ({ id }) => ids.includes(id));
    const body = { to: FRIEND, type: 'text', message: 'An answer' };
    const { data } = await tenant.api.sendMessage({ params, body });
    await live.waitFor(
      'message_status_update',
      ({ messageId, status }) => messageId === data.messageId && status === 'read',
    );
    expected = [data.messageId, ids[0]];
  });
  afterAll(() => gateway.close());

  const list = async () => (await tenant.api.listMessages({ params })).data;
  const listIds = async () => (await list()).messages.map(({ id }) => id);

  it('are listed at once, with their text and status, and looked up by id', async () => {
    // Where a worker on a busy machine does not answer in 2 s, storage is read, which has nothing yet: asked again.
    await expect.poll(list).toMatchObject({
      messages: [
        { id: expected[0], direction: 'outbound', content: 'An answer', status: 'read' },
        { id: expected[1], direction: 'inbound', content: 'A question' },
      ],
      total: 2,
      hasMore: false,
    });
    const messageId = expected[1] ?? '';
    const find = async () => (await tenant.api.getMessage({ params: { ...params, messageId } })).data;
    await expect.poll(find).toMatchObject({ message: { content: 'A question' } });
  });

  it('are not there for another tenant', async () => {
    const eve = await gateway.signUp('eve');
    await expect(eve.api.listMessages({ params })).rejects.toMatchObject({ status: 404, code: 'NOT_FOUND' });
  });

  it('outlive a worker that is killed before it has written them', async () => {
    await gateway.killWorker(0);
    await expect.poll(listIds, { interval: 100 }).toEqual(expected);
  });

  it('are read from storage while no worker answers', async () => {
    await tenant.api.disconnectSession({ params });
    await gateway.killWorker(0);
    // What the worker had sent to storage when it was killed may land a moment later.
    await expect.poll(listIds, { interval: 100 }).toEqual(expected);
  });

  it('go with their session', async () => {
    await tenant.api.deleteSession({ params });
    await expect(list()).rejects.toMatchObject({ status: 404 });
  });
});
