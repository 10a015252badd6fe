import { describe, expect, it } from 'vitest';
import { messageReportEvents, sessionReportEvents } from '../../../shared/events/status-events.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const TIMED = { sessionId: 'a-b', id: 'r1', timestamp: '2026-11-21T10:00:00Z' };

describe('a report of a session’s status', () => {
  it('with a QR is two events, each with an id of its own', () => {
    const [qr, status, ...more] = sessionReportEvents(
      { ...TIMED, status: 'QR_REQUIRED', qrString: '2@x', qrExpiresAt: null },
      null,
      NOW,
    );
    expect([qr?.type, status?.type, more]).toEqual(['session.qr', 'session.status', []]);
    expect(qr?.id).not.toBe(status?.id);
    expect(qr?.data).toMatchObject({
      qrCode: expect.stringMatching(/^data:image\/png;base64,/),
      expiresAt: '2026-11-21T10:01:00.000Z',
    });
  });

  it('is the same event each time that it comes', () => {
    const report = { ...TIMED, status: 'ERROR' as const, error: 'No.', errorCode: 'X' };
    expect(sessionReportEvents(report, null, NOW)).toEqual(sessionReportEvents(report, null, NOW + 1));
  });
});

describe('a report of what became of a message', () => {
  it('is a step, or a failure; that it waits is told to nobody', () => {
    const typesOf = (status: 'delivered' | 'failed' | 'pending') =>
      messageReportEvents({ ...TIMED, messageId: 'M1', status }, NOW).map(({ type }) => type);
    expect(typesOf('delivered')).toEqual(['message.status']);
    expect(typesOf('failed')).toEqual(['message.failed']);
    expect(typesOf('pending')).toEqual([]);
  });
});
