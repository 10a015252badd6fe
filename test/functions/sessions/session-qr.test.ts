import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type ControlPlane,
  startControlPlane,
  WORKER_TOKEN,
} from '../../../testing/control-plane/control-plane.ts';
import { createSession, readSession } from '../../../testing/control-plane/scenario.ts';

let plane: ControlPlane;
let token: string;
let sessionId: string;
beforeAll(async () => {
  plane = await startControlPlane();
});
afterAll(() => plane.close());
beforeEach(async () => {
  token = (await plane.signUp()).token;
  sessionId = await createSession(plane, token);
  const created = await readSession(plane, sessionId);
  await plane.deps.stores.sessions.assign(created, {
    workerId: 'w',
    endpoint: 'http://10.0.0.1:1',
    generation: 1,
  });
});

const report = (fields: object) =>
  plane.call('POST', '/api/v1/webhooks/session-status', {
    token: WORKER_TOKEN,
    body: { sessionId, epoch: 1, seq: 1, status: 'qr_required', ...fields },
  });
const show = (format?: string) =>
  plane.call<{ qrString: string; qrCode: string }>('GET', `/api/v1/sessions/${sessionId}/qr`, {
    token,
    ...(format === undefined ? {} : { query: { format } }),
  });

describe('the QR of a session', () => {
  it('the QR of a session is drawn from the text the worker sent', async () => {
    await report({ qrString: '2@abc' });
    expect((await show()).data).toMatchObject({
      qrString: '2@abc',
      qrCode: expect.stringMatching(/^data:image\/png/),
    });
  });

  it.each([
    ['png', 'image/png', /^iVBOR/],
    ['svg', 'image/svg+xml', /^<svg/],
    ['text', 'text/plain; charset=utf-8', /[█▀▄]/],
  ])('the QR of a session is given as %s', async (format, contentType, content) => {
    await report({ qrString: '2@abc' });
    const { status, headers, text } = await show(format);
    expect([status, headers['content-type']]).toEqual([200, contentType]);
    expect(text).toMatch(content);
  });

  it('the QR of a session is passed on as a picture where the worker sent no text', async () => {
    const qrCode = 'data:image/png;base64,iVBORw0KGgo=';
    await report({ qrCode });
    expect((await show()).data).toMatchObject({ qrCode, qrString: '' });
    expect((await show('png')).text).toBe('iVBORw0KGgo=');
    expect(await show('svg')).toMatchObject({ status: 404, code: 'QR_NOT_AVAILABLE' });
  });

  it('the QR of a session is 404 before there is one, after it has expired, and once the session is connected', async () => {
    expect(await show()).toMatchObject({ status: 404, code: 'QR_NOT_AVAILABLE' });
    const qrExpiresAt = new Date(plane.clock.now + 20_000).toISOString();
    await report({ qrString: '2@abc', qrExpiresAt });
    expect(await show()).toMatchObject({ status: 200 });
    plane.clock.now += 20_000;
    expect(await show()).toMatchObject({ status: 404, code: 'QR_NOT_AVAILABLE' });
    await report({ seq: 2, qrString: '2@def' });
    expect(await show()).toMatchObject({ status: 200 });
    await report({ seq: 3, status: 'connected' });
    expect(await show()).toMatchObject({ status: 404 });
  });

  it('the QR of a session is part of the status while it lives, the worker’s id for administrators only', async () => {
    await report({ qrString: '2@abc' });
    const path = `/api/v1/sessions/${sessionId}/status`;
    const own = await plane.call('GET', path, { token });
    expect(own.data).toMatchObject({ status: 'QR_REQUIRED', qrString: '2@abc' });
    expect(own.data).not.toHaveProperty('workerId');
    const admin = await plane.signUp('PRO', 'ADMIN');
    expect((await plane.call('GET', path, { token: admin.token })).data).toMatchObject({ workerId: 'w' });
  });
});
