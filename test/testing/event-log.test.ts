import { afterEach, describe, expect, it } from 'vitest';
import { eventExample } from '../../shared/events/create-event.ts';
import { frameOf } from '../../shared/events/event-frame.ts';
import { recordFrame, recordWebhook, refuseFaults } from '../../testing/harness/event-log.ts';

const webhook = (more: object) => recordWebhook(JSON.stringify({ ...eventExample('message.sent'), ...more }));
const frame = (more: object) =>
  recordFrame(JSON.stringify({ ...frameOf(eventExample('message.sent')), ...more }));

afterEach(() => {
  // What a test here has not asked about is no fault of it.
  try {
    refuseFaults();
  } catch {}
});

describe('an event that a test sees', () => {
  it('passes where it is as declared', () => {
    webhook({});
    frame({});
    recordFrame('{"event":"pong","data":{},"timestamp":"2026-11-21T10:00:00.000Z"}');
    expect(refuseFaults).not.toThrow();
  });

  it.each([
    ['of no declared type', () => webhook({ type: 'message.lost' })],
    [
      'with a field that is not declared',
      () => webhook({ data: { ...eventExample('message.sent').data, x: 1 } }),
    ],
    ['without one that is', () => webhook({ data: {} })],
    ['under another name', () => frame({ event: 'message_sent' })],
    ['without an id', () => frame({ id: undefined })],
    ['without a type', () => frame({ type: undefined })],
  ])('fails its test %s, once', (_, see) => {
    see();
    expect(refuseFaults).toThrow(/not as declared/);
    expect(refuseFaults).not.toThrow();
  });
});
