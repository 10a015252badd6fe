import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SessionItem } from '../../../shared/sessions/session-item.ts';
import { maskProxy } from '../../../shared/sessions/settings.ts';
import {
  type ControlPlane,
  startControlPlane,
  WORKER_TOKEN,
} from '../../../testing/control-plane/control-plane.ts';
import { type FakeWorker, workerSession } from '../../../testing/control-plane/fake-worker.ts';
import {
  connectedSession,
  connectedTenant,
  readSession,
  registerWorker,
} from '../../../testing/control-plane/scenario.ts';

const PROXY = 'socks5://customer-7:hunter2@proxy.example.com:1080';
const MASKED = 'socks5://***@proxy.example.com:1080';

let plane: ControlPlane;
let worker: FakeWorker;
let token: string;
let session: SessionItem;
beforeEach(async () => {
  plane = await startControlPlane();
  ({ token, session, worker } = await connectedTenant(plane));
  worker.replies = { workerConfigureSession: workerSession(session.sessionId, 'connected') };
});
afterEach(() => Promise.all([worker.close(), plane.close()]));

const put = (settings: unknown) =>
  plane.call<{ settings: unknown; status: string }>('PUT', `/api/v1/sessions/${session.sessionId}`, {
    token,
    body: { settings },
  });
const get = () =>
  plane.call<{ settings: unknown }>('GET', `/api/v1/sessions/${session.sessionId}`, { token });
const told = () => worker.callsOf('workerConfigureSession').map(({ body }) => body);
const assignments = async () =>
  (
    await plane.call<{ assignedSessions: { settings?: unknown; rev: number }[] }>(
      'PUT',
      '/api/v1/workers/w/heartbeat',
      { token: WORKER_TOKEN, body: { sessions: [] } },
    )
  ).data.assignedSessions;

describe('the settings of a session', () => {
  it('are defaults that everybody sees, until somebody changes one', async () => {
    expect((await get()).data.settings).toEqual({
      pacing: null,
      proxy: null,
      history: true,
      webhooks: true,
    });
    expect((await assignments())[0]).not.toHaveProperty('settings');
  });

  it('change one by one, and the others stay', async () => {
    await put({ pacing: { perMinute: 12, jitter: 0.2, typing: true } });
    await put({ history: false });
    const { status, data } = await put({ webhooks: false });
    expect(status).toBe(200);
    expect(data.settings).toEqual({
      pacing: { perMinute: 12, jitter: 0.2, typing: true },
      proxy: null,
      history: false,
      webhooks: false,
    });
    expect((await put({ pacing: null })).data.settings).toMatchObject({ pacing: null, history: false });
  });

  it('reach the worker by command and by heartbeat alike, newer ones with a higher number', async () => {
    await put({ pacing: { perMinute: 12 } });
    await put({ proxy: PROXY });
    const [first, second] = told();
    expect(first).toMatchObject({
      epoch: session.epoch,
      settings: { pacing: { perMinute: 12 }, proxy: null },
    });
    expect(second).toMatchObject({ settings: { pacing: { perMinute: 12 }, proxy: PROXY } });
    const revOf = (call: object | undefined) => (call as { settings: { rev: number } }).settings.rev;
    expect(revOf(second)).toBeGreaterThan(revOf(first));
    const [assigned] = await assignments();
    expect(assigned?.settings).toEqual(second?.['settings']);
    // No wish for another state: a session whose QR ran out stays where it is.
    expect(assigned?.rev).toBe(session.rev);
  });

  it('are kept where the worker cannot be reached or does not know the command', async () => {
    worker.replies = {};
    expect((await put({ pacing: { perMinute: 3 } })).status).toBe(200);
    worker.replies = { workerConfigureSession: 'break' };
    expect((await put({ pacing: { perMinute: 4 } })).status).toBe(200);
    expect((await assignments())[0]?.settings).toMatchObject({ pacing: { perMinute: 4 } });
  });

  it('survive two changes at the same time', async () => {
    await Promise.all([put({ history: false }), put({ webhooks: false }), put({ pacing: { perMinute: 9 } })]);
    expect((await get()).data.settings).toEqual({
      pacing: { perMinute: 9 },
      proxy: null,
      history: false,
      webhooks: false,
    });
  });

  it('show a proxy without its credentials, and take the shown form for the one that is there', async () => {
    const { text } = await put({ proxy: PROXY });
    expect(text).not.toMatch(/hunter2|customer-7/);
    expect((await get()).data.settings).toMatchObject({ proxy: MASKED });
    await put({ proxy: MASKED, history: false });
    expect((await readSession(plane, session.sessionId)).settings).toMatchObject({ proxy: PROXY });
    expect((await put({ proxy: null })).data.settings).toMatchObject({ proxy: null });
  });

  it.each([
    ['ftp://proxy.example.com', 'use an http, https or socks5 URL'],
    ['http://proxy.example.com/path', 'ends with its port'],
    ['nonsense', 'use a URL'],
  ])('refuse the proxy %s with a sentence', async (proxy, sentence) => {
    const { status, body } = await put({ proxy });
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toContain(sentence);
  });

  it.each([
    {},
    { pacing: {} },
    { pacing: { perMinute: 0 } },
    { pacing: { perMinute: 601 } },
    { history: 'no' },
  ])('refuse %j', async (settings) => {
    expect(await put(settings)).toMatchObject({ status: 400, code: 'VALIDATION_ERROR' });
  });
});

it('a proxy on a private address is refused in production', async () => {
  const strict = await startControlPlane({ outboundPolicy: { allowHttp: false, allowPrivate: false } });
  try {
    const { token: theirs } = await strict.signUp();
    const { data } = await strict.call<{ sessionId: string }>('POST', '/api/v1/sessions', {
      token: theirs,
      body: { name: 'a' },
    });
    const path = `/api/v1/sessions/${data.sessionId}`;
    for (const proxy of [
      'http://127.0.0.1:8080',
      'socks5://10.0.0.4:1080',
      'http://[::1]:3128',
      'http://metadata.internal',
    ])
      expect(await strict.call('PUT', path, { token: theirs, body: { settings: { proxy } } })).toMatchObject({
        status: 400,
        code: 'VALIDATION_ERROR',
      });
    const open = await strict.call('PUT', path, { token: theirs, body: { settings: { proxy: PROXY } } });
    expect(open.status).toBe(200);
  } finally {
    await strict.close();
  }
});

it('a session whose webhooks are off tells them nothing', async () => {
  const sent: string[] = [];
  const queue = {
    send: async (messages: readonly { body: string }[]) =>
      void sent.push(...messages.map(({ body }) => body)),
  };
  const muted = await startControlPlane({
    queues: { deliveries: queue, slowDeliveries: queue, givenUp: queue, outbox: queue },
  });
  try {
    const { token: theirs } = await muted.signUp();
    await registerWorker(muted, { workerId: 'w', endpoint: worker.endpoint });
    const owner = { workerId: 'w', endpoint: worker.endpoint };
    const loud = await connectedSession(muted, theirs, owner, 'loud');
    const quiet = await connectedSession(muted, theirs, owner, 'quiet');
    const body = { url: 'https://example.com/hook', events: ['*'] };
    await muted.call('POST', '/api/v1/webhooks', { token: theirs, body });
    const path = `/api/v1/sessions/${quiet.sessionId}`;
    await muted.call('PUT', path, { token: theirs, body: { settings: { webhooks: false } } });
    for (const { sessionId, epoch } of [quiet, loud]) {
      const asWorker = (url: string, report: object) =>
        muted.call('POST', url, { token: WORKER_TOKEN, body: { sessionId, epoch, ...report } });
      await asWorker('/api/v1/webhooks/session-status', { status: 'reconnecting', seq: 9, id: 'a' });
      await asWorker('/api/v1/webhooks/message-status', { messageId: 'M1', status: 'delivered', id: 'b' });
      await asWorker('/api/v1/workers/w/events', { event: 'message_received', data: { id: 'M2' }, id: 'c' });
    }
    const types = sent
      .map((text) => JSON.parse(text))
      .flatMap(({ deliveries, sessionId }) =>
        deliveries.map(({ type }: { type: string }) => [type, sessionId]),
      );
    expect(types).toEqual([
      ['session.status', loud.sessionId],
      ['message.status', loud.sessionId],
      ['message.received', loud.sessionId],
    ]);
  } finally {
    await muted.close();
  }
});

it('a masked proxy tells nothing but where it is', () => {
  expect(maskProxy('http://proxy.example.com:8080')).toBe('http://proxy.example.com:8080');
  expect(maskProxy('https://:token@proxy.example.com')).toBe('https://***@proxy.example.com');
});
