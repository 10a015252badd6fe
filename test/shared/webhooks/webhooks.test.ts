import { describe, expect, it } from 'vitest';
import { toDeliveryId } from '../../../shared/webhooks/delivery/delivery-item.ts';
import { nextDelayMs, RETRY_DELAYS_MS } from '../../../shared/webhooks/delivery/retry-schedule.ts';
import { sessionEvents, workerEvent } from '../../../shared/webhooks/map-report.ts';

const HOUR = 3_600_000;

describe('the retry schedule', () => {
  it('grows, and covers a day', () => {
    expect(RETRY_DELAYS_MS.toSorted((a, b) => a - b)).toEqual(RETRY_DELAYS_MS);
    const total = RETRY_DELAYS_MS.reduce((sum, delay) => sum + delay, 0);
    expect(total).toBeGreaterThan(23 * HOUR);
    expect(total).toBeLessThan(25 * HOUR);
  });
  it('spreads what failed together by a fifth, and ends', () => {
    expect(nextDelayMs(1, 0)).toBe(4_000);
    expect(nextDelayMs(1, 1)).toBe(6_000);
    expect(nextDelayMs(RETRY_DELAYS_MS.length + 1, 0.5)).toBeUndefined();
  });
  it('waits as long as it is asked to, within bounds', () => {
    expect(nextDelayMs(1, 0.5, HOUR)).toBe(HOUR);
    expect(nextDelayMs(1, 0.5, 1_000 * HOUR)).toBe(6 * HOUR);
  });
});

describe('the id of a delivery', () => {
  const event = { id: 'event-1', type: 'message.sent', at: Date.parse('2026-11-21T10:00:00Z') } as const;
  it('is the same for the same event, and another for another', () => {
    expect(toDeliveryId(event)).toBe(toDeliveryId({ ...event }));
    expect(toDeliveryId({ ...event, type: 'message.status' })).not.toBe(toDeliveryId(event));
    expect(toDeliveryId({ ...event, id: 'event-2' })).not.toBe(toDeliveryId(event));
  });
  it('sorts the newest first', () => {
    expect(toDeliveryId({ ...event, at: event.at + 1 }) < toDeliveryId(event)).toBe(true);
  });
});

describe('a report', () => {
  it('of a QR is two events, each with an id of its own', () => {
    const report = { sessionId: 'a-b', status: 'QR_REQUIRED' as const, qrString: '2@x', id: 'r1' };
    const types = sessionEvents({ ...report, timestamp: '2026-11-21T10:00:00Z' }, null, 0).map(
      ({ type }) => type,
    );
    expect(types).toEqual(['session.qr', 'session.status']);
  });
  it('of a message keeps its time when WhatsApp delivers it again', () => {
    const event = {
      event: 'message_received' as const,
      id: 'e1',
      data: { timestamp: '2026-11-21T09:00:00Z' },
    };
    const once = workerEvent({ ...event, timestamp: '2026-11-21T10:00:00Z' }, 'a-b', 0);
    const again = workerEvent({ ...event, timestamp: '2026-11-21T10:05:00Z' }, 'a-b', 0);
    expect(again).toEqual(once);
  });
  it.each(['edit', 'revoke', 'reaction'])('of an own %s is no new message to tenants', (type) => {
    const sent = (data: Record<string, unknown>) =>
      workerEvent({ event: 'message_sent', id: 'e1', data: { ...data, messageId: 'M1' } }, 'a-b', 0);
    expect(sent({ type })).toBeUndefined();
    for (const data of [{ type: 'text' }, { type: 'image' }, {}])
      expect(sent(data)).toMatchObject({ type: 'message.sent', data });
  });
  it('of somebody’s edit, revocation or reaction is told as what it is', () => {
    for (const kind of ['reaction', 'edited', 'revoked'] as const) {
      const data = { type: kind, messageId: 'M1' };
      expect(workerEvent({ event: `message_${kind}`, id: 'e1', data }, 'a-b', 0)).toMatchObject({
        type: `message.${kind}`,
      });
    }
  });
  it('of a worker’s own life is no tenant’s business', () => {
    expect(workerEvent({ event: 'worker_started', data: {} }, 'a-b', 0)).toBeUndefined();
  });
});
