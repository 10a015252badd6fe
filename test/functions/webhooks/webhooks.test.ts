import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { outboundPolicy } from '../../../shared/outbound/outbound-policy.ts';
import { MAX_WEBHOOKS, wants } from '../../../shared/webhooks/webhook-item.ts';
import { createSession } from '../../../testing/control-plane/scenario.ts';
import type { ReceivedWebhook, WebhookReceiver } from '../../../testing/harness/webhook-receiver.ts';
import { type DeliveryFixture, startDelivery } from './delivery/delivery-fixture.ts';

interface Shown {
  webhookId: string;
  secret?: string;
  active: boolean;
  disabledReason: string | null;
  url: string;
}

let fixture: DeliveryFixture;
let receiver: WebhookReceiver;

beforeAll(async () => {
  fixture = await startDelivery();
  receiver = fixture.receiver;
});
afterAll(async () => {
  await fixture.close();
});

const call: DeliveryFixture['plane']['call'] = (...args) => fixture.plane.call(...args);
const create = async (token: string, more: object = {}) => {
  const body = { url: receiver.url, events: ['*'], ...more };
  const answer = await call('POST', '/api/v1/webhooks', { token, body });
  expect(answer.status).toBe(201);
  return answer.body.data as unknown as Shown;
};

describe('webhooks', () => {
  it('webhooks show their secret when it is set, and never again', async () => {
    const { token } = await fixture.plane.signUp();
    const created = await create(token);
    expect(created.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const path = `/api/v1/webhooks/${created.webhookId}`;
    const own = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
    const changed = await call('PUT', path, { token, body: { secret: own } });
    expect(changed.body.data).toMatchObject({ secret: own });
    for (const answer of [
      await call('GET', path, { token }),
      await call('GET', '/api/v1/webhooks', { token }),
    ])
      expect(answer.text).not.toMatch(/whsec_|secret/);
    expect((await call('PUT', path, { token, body: { active: false } })).text).not.toContain('whsec_');
  });

  it('webhooks of another tenant answer exactly as missing ones', async () => {
    const [one, other] = [await fixture.plane.signUp(), await fixture.plane.signUp()];
    const { webhookId } = await create(one.token);
    const body = { active: false };
    for (const [method, rest] of [
      ['GET', ''],
      ['PUT', ''],
      ['DELETE', ''],
      ['POST', '/test'],
      ['GET', '/deliveries'],
      ['POST', '/deliveries/msg_1/replay'],
    ] as const) {
      const options = { token: other.token, ...(method === 'PUT' ? { body } : {}) };
      const foreign = await call(method, `/api/v1/webhooks/${webhookId}${rest}`, options);
      const missing = await call(method, `/api/v1/webhooks/wh_0000000000000000000000${rest}`, options);
      expect([foreign.status, foreign.body.error]).toEqual([404, missing.body.error]);
    }
  });

  it('webhooks are about sessions of their account only, so that none waits in vain', async () => {
    const [one, other] = [await fixture.plane.signUp(), await fixture.plane.signUp()];
    const sessionOf = async (token: string) => {
      const { body } = await call('POST', '/api/v1/sessions', { token, body: { name: 'line' } });
      return (body.data as unknown as { sessionId: string }).sessionId;
    };
    const [own, foreign] = [await sessionOf(one.token), await sessionOf(other.token)];
    const { webhookId } = await create(one.token, { sessionIds: [own] });
    for (const sessionIds of [
      [own, foreign],
      [own, 'nobodys'],
    ]) {
      const body = { url: receiver.url, events: ['*'], sessionIds };
      for (const answer of [
        await call('POST', '/api/v1/webhooks', { token: one.token, body }),
        await call('PUT', `/api/v1/webhooks/${webhookId}`, { token: one.token, body: { sessionIds } }),
      ])
        expect([answer.status, answer.body.error]).toEqual([
          404,
          'Check "sessionIds.1" in the body: there is no session with this id.',
        ]);
    }
    await call('DELETE', `/api/v1/sessions/${own}`, { token: one.token });
    const kept = await call('PUT', `/api/v1/webhooks/${webhookId}`, {
      token: one.token,
      body: { sessionIds: [own], active: false },
    });
    expect(kept.status).toBe(200);
  });

  it('webhooks are for named sessions or, with null, for all: a narrowed one can be widened again', async () => {
    const { plane } = fixture;
    const { token, userId } = await plane.signUp();
    const { webhookId } = await create(token, { sessionIds: null });
    const sessionId = await createSession(plane, token);
    const path = `/api/v1/webhooks/${webhookId}`;
    const put = (sessionIds: unknown) => call('PUT', path, { token, body: { sessionIds } });
    const wanted = async () => {
      const [webhook] = await plane.deps.stores.webhooks.list(userId);
      const event = { type: 'session.status', sessionId: 'another' } as const;
      return webhook !== undefined && wants(webhook, event);
    };
    expect([(await call('GET', path, { token })).data['sessionIds'], await wanted()]).toEqual([null, true]);
    expect((await put([sessionId])).data['sessionIds']).toEqual([sessionId]);
    expect(await wanted()).toBe(false);
    expect(await put([])).toMatchObject({ status: 400, code: 'VALIDATION_ERROR' });
    expect((await put(null)).data['sessionIds']).toBeNull();
    expect(await wanted()).toBe(true);
    const none = { url: receiver.url, events: ['*'], sessionIds: [] };
    expect((await call('POST', '/api/v1/webhooks', { token, body: none })).status).toBe(400);
  });

  it('webhooks take events in any case, and show them as they are written here', async () => {
    const { token } = await fixture.plane.signUp();
    expect(await create(token, { events: ['MESSAGE.Received'] })).toMatchObject({
      events: ['message.received'],
    });
  });

  it('webhooks are not changed by a request that names no change', async () => {
    const { token } = await fixture.plane.signUp();
    const { webhookId } = await create(token);
    for (const body of [{}, { colour: 'red' }])
      expect((await call('PUT', `/api/v1/webhooks/${webhookId}`, { token, body })).status).toBe(400);
  });

  it('webhooks never exceed their bound, however many are created at once', async () => {
    const { token } = await fixture.plane.signUp();
    const body = { url: receiver.url, events: ['*'] };
    const answers = await Promise.all(
      Array.from({ length: MAX_WEBHOOKS + 10 }, () => call('POST', '/api/v1/webhooks', { token, body })),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(MAX_WEBHOOKS);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(10);
    const { body: listed } = await call('GET', '/api/v1/webhooks', { token, query: { limit: '100' } });
    expect((listed.data as unknown as { webhooks: Shown[] }).webhooks).toHaveLength(MAX_WEBHOOKS);
  });

  it('webhooks list page by page', async () => {
    const { token } = await fixture.plane.signUp();
    const made = [await create(token), await create(token), await create(token)];
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: Record<string, string> = { limit: '2', ...(cursor === '' ? {} : { cursor }) };
      const { body } = await call('GET', '/api/v1/webhooks', { token, query });
      const page = body.data as unknown as { webhooks: Shown[]; pagination: { cursor: string | null } };
      seen.push(...page.webhooks.map(({ webhookId }) => webhookId));
      cursor = page.pagination.cursor;
    }
    expect(seen).toEqual(made.map(({ webhookId }) => webhookId));
  });

  it('webhooks refuse URLs that production would never call, when they are set', async () => {
    const { token } = await fixture.plane.signUp();
    const { webhookId } = await create(token);
    const before = fixture.deps.outboundPolicy;
    fixture.deps.outboundPolicy = outboundPolicy('PRODUCTION');
    try {
      for (const url of [
        'http://example.com/',
        'https://10.0.0.1/',
        'https://[fd00::1]/',
        'https://localhost/',
      ]) {
        const body = { url, events: ['*'] };
        const created = await call('POST', '/api/v1/webhooks', { token, body });
        expect([created.status, created.body.code]).toEqual([400, 'VALIDATION_ERROR']);
        const changed = await call('PUT', `/api/v1/webhooks/${webhookId}`, { token, body: { url } });
        expect(changed.status).toBe(400);
      }
    } finally {
      fixture.deps.outboundPolicy = before;
    }
  });

  it('webhooks deliver a test event, show its delivery, and replay it under the same id', async () => {
    const { token } = await fixture.plane.signUp();
    const { webhookId } = await create(token);
    const path = `/api/v1/webhooks/${webhookId}`;
    const tested = await call('POST', `${path}/test`, { token });
    expect(tested.status).toBe(202);
    const { deliveryId } = tested.body.data as unknown as { deliveryId: string };
    await fixture.drain();
    const isIt = ({ id }: ReceivedWebhook) => id === deliveryId;
    expect(await receiver.next(isIt)).toMatchObject({ type: 'webhook.test', sessionId: null });
    const { body } = await call('GET', `${path}/deliveries`, { token });
    expect(body.data).toMatchObject({
      deliveries: [
        {
          deliveryId,
          status: 'delivered',
          attempts: [{ statusCode: 200, responseHead: 'answer 200', error: null }],
          nextAttemptAt: null,
        },
      ],
    });
    const replayed = await call('POST', `${path}/deliveries/${deliveryId}/replay`, { token });
    expect(replayed.status).toBe(202);
    await fixture.drain();
    expect(receiver.received.filter(isIt)).toHaveLength(2);
  });

  it('webhooks that are off are neither tested nor replayed', async () => {
    const { token } = await fixture.plane.signUp();
    const { webhookId } = await create(token, { active: false });
    const answer = await call('POST', `/api/v1/webhooks/${webhookId}/test`, { token });
    expect([answer.status, answer.body.code]).toEqual([409, 'CONFLICT']);
  });

  it('webhooks are gone once deleted, with what was under way to them', async () => {
    const { token } = await fixture.plane.signUp();
    const { webhookId } = await create(token);
    await call('POST', `/api/v1/webhooks/${webhookId}/test`, { token });
    expect((await call('DELETE', `/api/v1/webhooks/${webhookId}`, { token })).status).toBe(200);
    const before = receiver.received.length;
    await fixture.drain();
    expect(receiver.received).toHaveLength(before);
    expect((await call('GET', `/api/v1/webhooks/${webhookId}`, { token })).status).toBe(404);
  });
});
