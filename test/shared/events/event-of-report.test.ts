import { describe, expect, it } from 'vitest';
import { eventExample } from '../../../shared/events/create-event.ts';
import { eventOfReport } from '../../../shared/events/event-of-report.ts';
import { DECLARATIONS, type GatewayEvent } from '../../../shared/events/registry.ts';
import { REPORTED_EVENTS } from '../../../shared/events/worker-report.ts';
import { WorkerEvent } from '../../../shared/workers/worker-event.ts';
import { reportedMessage } from '../../../testing/control-plane/received-message.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const told = (report: object) => eventOfReport(WorkerEvent.parse({ id: 'r1', ...report }), 'a-b', NOW);

function event(report: object): GatewayEvent {
  const made = told(report);
  if (made === undefined || made === 'incomplete') throw new Error(`nobody is told: ${made}`);
  return made;
}

const reportable = DECLARATIONS.flatMap(({ type, reports }) =>
  reports
    .filter((name) => REPORTED_EVENTS.some((each) => each === name))
    .map((name) => [type, name] as const),
);

describe('a worker’s event', () => {
  it.each(reportable)('becomes %s with the very data of the report %s', (type, name) => {
    const { data } = eventExample(type);
    const { sessionId: _, ...reported } = data as { sessionId: string };
    expect(event({ event: name, data: reported })).toMatchObject({
      type,
      sessionId: 'a-b',
      data: { ...data, sessionId: 'a-b' },
    });
  });

  it('keeps its time and id when WhatsApp delivers it again', () => {
    const data = reportedMessage('M1', { timestamp: '2026-11-21T09:00:00.000Z' });
    const once = event({ event: 'message_received', data, timestamp: '2026-11-21T10:00:00Z' });
    const again = event({ event: 'message_received', data, timestamp: '2026-11-21T10:05:00Z' });
    expect(again).toEqual(once);
    expect(once.timestamp).toBe('2026-11-21T09:00:00.000Z');
  });

  it('without an id is told under the same one each time', () => {
    const report = { event: 'message_received', id: undefined, data: reportedMessage('M1') };
    expect(event(report).id).toBe(event(report).id);
    expect(event({ ...report, data: reportedMessage('M2') }).id).not.toBe(event(report).id);
  });

  it.each(['edit', 'revoke', 'reaction'])('of an own %s is no new message to tenants', (type) => {
    expect(
      told({ event: 'message_sent', data: { messageId: 'M1', to: '62@s.whatsapp.net', type } }),
    ).toBeUndefined();
  });

  it('of a worker’s own life, or of a status, is no tenant’s business', () => {
    for (const name of ['worker_started', 'session_connected'])
      expect(told({ event: name, data: { status: 'connected' } })).toBeUndefined();
  });
});

describe('an event of another make of worker', () => {
  const from = '62822@s.whatsapp.net';

  it('is completed from what it names', () => {
    expect(
      event({ event: 'message_received', data: { messageId: 'M1', from, message: 'Hi' } }),
    ).toMatchObject({
      type: 'message.received',
      timestamp: '2026-11-21T12:00:00.000Z',
      data: {
        id: 'M1',
        chatId: from,
        from,
        to: from,
        content: 'Hi',
        type: 'text',
        isGroup: false,
        lid: null,
      },
    });
  });

  it('loses the fields that are not declared, and those that do not fit', () => {
    const data = {
      ...reportedMessage('M1'),
      secret: 'x',
      media: 'a picture',
      pushName: 7,
      quotedMessageId: 8,
    };
    const { data: shown } = event({ event: 'message_received', data });
    expect(shown).not.toHaveProperty('secret');
    expect(JSON.parse(JSON.stringify(shown))).toEqual({
      ...reportedMessage('M1'),
      pushName: null,
      sessionId: 'a-b',
    });
  });

  it('that tells of an own message as of any other is told as sent from the phone', () => {
    const data = { ...reportedMessage('M1'), fromMe: true };
    expect(event({ event: 'message_received', data })).toMatchObject({
      type: 'message.sent',
      data: { id: 'M1', messageId: 'M1', source: 'phone', status: 'sent', content: 'Hello' },
    });
  });

  it('that says nothing of where a message came from counts as sent through the gateway', () => {
    expect(event({ event: 'message_sent', data: { messageId: 'M1', to: from } })).toMatchObject({
      type: 'message.sent',
      data: { id: 'M1', messageId: 'M1', source: 'api', to: from, chatId: from, from: null },
    });
  });

  it('that names nobody is told all the same, one that is about nothing is incomplete', () => {
    expect(event({ event: 'message_received', data: { id: 'M1', content: 'Hi' } })).toMatchObject({
      data: { id: 'M1', content: 'Hi', from: 'unknown', chatId: 'unknown' },
    });
    for (const name of ['message_failed', 'message_reaction', 'group_updated'])
      expect(told({ event: name, data: {} })).toBe('incomplete');
  });
});
