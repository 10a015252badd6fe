import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { announceSession } from '../../../functions/realtime/session-events.ts';
import type { SessionItem } from '../../../shared/sessions/session-item.ts';
import { type ControlPlane, startControlPlane } from '../../../testing/control-plane/control-plane.ts';
import { createInstantQueue } from '../../../testing/control-plane/instant-queue.ts';
import { connectedSession, listener } from '../../../testing/control-plane/scenario.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../../../testing/harness/webhook-receiver.ts';

let plane: ControlPlane;
let receiver: WebhookReceiver;
beforeAll(async () => {
  [plane, receiver] = await Promise.all([startControlPlane(), startWebhookReceiver()]);
  plane.deps.queues = { ...plane.deps.queues, deliveries: createInstantQueue(() => plane.deps) };
});
afterAll(async () => {
  await receiver.close();
  await plane.close();
});

/** A tenant with a webhook and an open client, whose session the control plane is about to move. */
async function tenant() {
  const { token } = await plane.signUp();
  const owner = { workerId: 'w', endpoint: 'http://10.0.0.1:1' };
  const connected = await connectedSession(plane, token, owner);
  const body = { url: receiver.url, events: ['session.status'] };
  expect((await plane.call('POST', '/api/v1/webhooks', { token, body })).status).toBe(201);
  const client = await listener(plane, token);
  const session: SessionItem = { ...connected, status: 'RECONNECTING' };
  const posted = () => receiver.received.filter(({ sessionId }) => sessionId === session.sessionId);
  return { session, posted, frames: () => plane.clients.framesOf(client) };
}

describe('a status that the control plane has set', () => {
  it('a status that the control plane has set is told to webhooks and clients under one id, also when it is announced again', async () => {
    const { session, posted, frames } = await tenant();
    await announceSession(plane.deps, session);
    await announceSession(plane.deps, session);
    expect(posted().map(({ data }) => data['status'])).toContain('RECONNECTING');
    const [first, second] = frames();
    expect(first).toMatchObject({ event: 'session_status_update', data: { status: 'RECONNECTING' } });
    expect(second?.id).toBe(first?.id);
    expect(new Set(posted().map(({ id }) => id))).toEqual(new Set([first?.id]));
  });

  it('a status that the control plane has set reaches clients where the queue takes nothing, and its caller goes on', async () => {
    const { session, posted, frames } = await tenant();
    const broken = { send: () => Promise.reject(new Error('no queue')) };
    const deps = { ...plane.deps, queues: { ...plane.deps.queues, deliveries: broken } };
    await announceSession(deps, session);
    expect(frames()).toHaveLength(1);
    expect(posted()).toEqual([]);
  });

  it('a status that the control plane has set reaches webhooks where nothing can be pushed', async () => {
    const { session, posted } = await tenant();
    const push = { ...plane.deps.push, toSession: () => Promise.reject(new Error('no route')) };
    await announceSession({ ...plane.deps, push }, session);
    expect(posted()).toHaveLength(1);
  });
});
