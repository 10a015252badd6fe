import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { eventExample } from '../../shared/events/create-event.ts';
import { frameOf } from '../../shared/events/event-frame.ts';
import { DECLARATIONS, EVENTS, WEBHOOK_EVENTS } from '../../shared/events/registry.ts';
import { isForWebhooks, WebhookPayload } from '../../shared/events/webhook-payload.ts';
import { openapiWebhooks } from '../../shared/openapi/openapi-webhooks.ts';
import { ServerFrame } from '../../shared/realtime/schema.ts';

const types = EVENTS.map(({ type }) => type);

describe('the declared events', () => {
  it('have names, frames and data of their own', () => {
    const frames = DECLARATIONS.map(({ frame, type }) => frame ?? type);
    const components = EVENTS.map(({ data }) => z.globalRegistry.get(data)?.id);
    for (const names of [types, frames, components]) expect(new Set(names).size).toBe(EVENTS.length);
    expect(components).not.toContain(undefined);
  });

  it.each(types)('show %s by an example that its schema takes whole, in webhooks and in frames', (type) => {
    const event = eventExample(type);
    if (isForWebhooks(event)) expect(WebhookPayload.parse(event)).toEqual(event);
    const frame = frameOf(event);
    if (frame === undefined) return;
    expect(ServerFrame.parse(frame)).toEqual(frame);
    expect(frame).toMatchObject({ type, id: event.id, timestamp: event.timestamp });
  });

  it('go to webhooks and over the WebSocket alike, but for a webhook’s own test and what is for administrators', () => {
    const frames = EVENTS.filter(({ type }) => frameOf(eventExample(type)) !== undefined);
    const both = frames
      .map(({ type }) => type)
      .filter((type) => WEBHOOK_EVENTS.some((each) => each === type));
    expect(types.filter((type) => !both.includes(type))).toEqual(['webhook.test', 'worker.status']);
  });

  it('keep the frames’ names that front ends know, and have the type’s for all others', () => {
    const named = types.flatMap((type) => {
      const frame = frameOf(eventExample(type));
      return frame === undefined || frame.event === type ? [] : [[type, frame.event]];
    });
    expect(Object.fromEntries(named)).toEqual({
      'session.qr': 'qr_code_update',
      'session.status': 'session_status_update',
      'message.received': 'message_received',
      'message.status': 'message_status_update',
      'worker.status': 'worker_status_update',
    });
  });

  it('name a session’s status in capitals, and in a QR’s frame in both spellings', () => {
    const qr = eventExample('session.qr');
    expect(qr.data.status).toBe('QR_REQUIRED');
    expect(frameOf(qr)?.data).toMatchObject({ status: 'qr_required', sessionStatus: 'QR_REQUIRED' });
    expect(frameOf(eventExample('session.status'))?.data).toMatchObject({ status: 'CONNECTED' });
  });
});

describe('the OpenAPI document’s webhooks', () => {
  const { webhooks, schemas } = openapiWebhooks();
  const components = { schemas };

  it('show every event that webhooks get, by a schema of its own and an example that it takes', () => {
    expect(Object.keys(webhooks)).toEqual(WEBHOOK_EVENTS);
    for (const type of WEBHOOK_EVENTS) {
      const operation = JSON.stringify(webhooks[type]);
      const [, name = ''] = /"\$ref":"#\/components\/schemas\/(\w+Event)"/.exec(operation) ?? [];
      const $defs = JSON.parse(JSON.stringify(schemas).replaceAll('#/components/schemas/', '#/$defs/'));
      const schema = z.fromJSONSchema({ ...$defs[name], $defs });
      expect(schema.safeParse(eventExample(type)).error, type).toBeUndefined();
      expect(schema.safeParse({ ...eventExample(type), type: 'another' }).success).toBe(false);
    }
  });

  it('refer to nothing that the document has not, and take fields that are new', () => {
    const text = JSON.stringify({ webhooks, components });
    for (const [, name = ''] of text.matchAll(/"\$ref":"([^"]+)"/g))
      expect(Object.keys(schemas)).toContain(name.replace('#/components/schemas/', ''));
    expect(text).not.toContain('"additionalProperties":false');
  });
});
