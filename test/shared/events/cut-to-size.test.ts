import { describe, expect, it } from 'vitest';
import { eventExample } from '../../../shared/events/create-event.ts';
import { toBoundedJson } from '../../../shared/events/cut-to-size.ts';
import { frameOf } from '../../../shared/events/event-frame.ts';
import { EVENTS } from '../../../shared/events/registry.ts';
import { isForWebhooks, renderPayload, WebhookPayload } from '../../../shared/events/webhook-payload.ts';
import { MAX_FRAME_BYTES, ServerFrame } from '../../../shared/realtime/schema.ts';

/** Words, ids and times are short whatever happens. */
const SHORT = /^(?:\d{4}-\d\d-\d\dT.*|[A-Z_]+|[a-z_]{1,12})$/;
const LONG = '𝔘ñ'.repeat(100_000);

function swollen(data: object): object {
  const entries = Object.entries(data).map(([key, value]) => [
    key,
    typeof value === 'string' && !SHORT.test(value) ? value + LONG : value,
  ]);
  return Object.fromEntries(entries);
}

describe('an event that is too large', () => {
  const ofSessions = EVENTS.map(({ type }) => eventExample(type)).filter(({ sessionId }) => sessionId);

  it.each(ofSessions.map((event) => [event.type, event] as const))(
    'is cut to the bounds of webhook and frame and keeps its shape: %s',
    (_, example) => {
      const event = { ...example, data: swollen(example.data) } as typeof example;
      const isLarge = Buffer.byteLength(JSON.stringify(event)) > 200_000;
      expect(isLarge).toBe(true);
      if (!isForWebhooks(event)) throw new Error(`${event.type} goes to no webhook`);
      const payload = renderPayload(event);
      expect(Buffer.byteLength(payload)).toBeLessThan(180_000);
      expect(WebhookPayload.parse(JSON.parse(payload))).toEqual(JSON.parse(payload));
      const frame = frameOf(event);
      if (frame === undefined) throw new Error(`${event.type} has no frame`);
      const text = toBoundedJson(frame, MAX_FRAME_BYTES);
      expect(Buffer.byteLength(text)).toBeLessThan(MAX_FRAME_BYTES);
      expect(ServerFrame.parse(JSON.parse(text))).toMatchObject({ id: event.id, data: { truncated: true } });
    },
  );

  it('keeps its ids, and of lists the first', () => {
    const participants = Array.from({ length: 20_000 }, (_, n) => ({ phoneNumber: `+${n}`, lid: null }));
    const json = toBoundedJson({ data: { groupId: 'g', participants } }, 10_000);
    expect(JSON.parse(json).data).toEqual({
      groupId: 'g',
      participants: participants.slice(0, 50),
      truncated: true,
    });
  });

  it('that fits is left as it is', () => {
    expect(toBoundedJson({ data: { text: 'short' } }, 100)).toBe('{"data":{"text":"short"}}');
  });
});
