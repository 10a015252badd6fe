import { eventExample } from '../../../shared/events/create-event.ts';
import type { EventDeclaration } from '../../../shared/events/define-event.ts';
import { frameOf } from '../../../shared/events/event-frame.ts';
import { messageReceived } from '../../../shared/events/message-events.ts';
import { DECLARATIONS, type EventType } from '../../../shared/events/registry.ts';
import { toJsonSchema } from '../../../shared/openapi/json-schema.ts';
import { type JsonSchema, variantsOf } from '../../../shared/openapi/schema-example.ts';
import type { AnswerFrame } from '../../../shared/realtime/schema.ts';
import { escapeHtml, renderProse } from './escape-html.ts';
import { fieldsTable } from './operation-view.ts';

export const jsonBlock = (value: unknown) =>
  `<pre><code>${escapeHtml(JSON.stringify(value, undefined, 2))}</code></pre>`;

/** The schema with what it refers to put in. */
function inlined(schema: JsonSchema & { $defs?: Record<string, JsonSchema> }): JsonSchema {
  const { $defs = {}, ...root } = schema;
  const put = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(put);
    if (typeof value !== 'object' || value === null) return value;
    const { $ref, ...rest } = value as { $ref?: string };
    const found = $ref === undefined ? undefined : $defs[$ref.replace('#/$defs/', '')];
    const whole = Object.entries({ ...found, ...rest });
    return Object.fromEntries(whole.map(([key, each]) => [key, put(each)]));
  };
  return put(root) as JsonSchema;
}

const schemaOf = ({ data }: EventDeclaration) => inlined(toJsonSchema(data, 'output'));

/** What every form of a message has: shown once, with `message.received`. */
const OF_EVERY_MESSAGE: ReadonlyMap<string, string> = new Map(
  Object.entries(variantsOf(schemaOf(messageReceived))[0]?.properties ?? {}).map(([name, schema]) => [
    name,
    JSON.stringify(schema),
  ]),
);

/** A message's fields and parts are shown in full where messages come in; elsewhere they are named. */
function renderFields(event: EventDeclaration & { type: EventType }): string {
  const schema = schemaOf(event);
  if (event.type === messageReceived.type) return fieldsTable(schema, true);
  const { properties = {} } = schema;
  const isShared = ([name, each]: [string, JsonSchema]) =>
    OF_EVERY_MESSAGE.get(name) === JSON.stringify(each);
  const shared = Object.entries(properties).filter(isShared);
  const own = Object.entries(properties).filter((entry) => !isShared(entry));
  // A few that agree by chance (`sessionId`) are worth no detour.
  if (shared.length < FEW) return fieldsTable(schema, false);
  const names = shared.map(([name]) => `<code>${escapeHtml(name)}</code>`).join(', ');
  const link = `<a href="#event-${messageReceived.type}"><code>${messageReceived.type}</code></a>`;
  return `${fieldsTable({ ...schema, properties: Object.fromEntries(own) }, false)}<p class="soft">As in ${link}: ${names}.</p>`;
}

const FEW = 6;

function renderEvent(event: EventDeclaration & { type: EventType }): string {
  const { type, summary, description, frameData } = event;
  const happened = eventExample(type);
  const frame = frameOf(happened);
  const webhook =
    event.withoutWebhook === true ? '' : `<p class="soft">To webhooks:</p>${jsonBlock(happened)}`;
  const shown = webhook === '' || frameData !== undefined ? frame : frame && { ...frame, data: 'as above' };
  const live = shown === undefined ? '' : `<p class="soft">Over the WebSocket:</p>${jsonBlock(shown)}`;
  return `<article id="event-${type}"><h3><code>${type}</code></h3><p>${renderProse(summary)}</p>
${description === undefined ? '' : `<p>${renderProse(description)}</p>`}
<details><summary>the fields of its data</summary><div>${renderFields(event)}</div></details>
<details><summary>examples</summary><div>${webhook}${live}</div></details></article>`;
}

/** Every event as a card. */
export const EVENT_CARDS = DECLARATIONS.map(renderEvent).join('\n');

const AT = '2026-11-21T10:00:00.000Z';
const SESSION_ID = 'u4k2-support-line';

/** What a client's own frames are answered with. */
export const ANSWER_EXAMPLES: readonly { when: string; frame: AnswerFrame }[] = [
  {
    when: 'The answer to subscribe; the current state follows, with the QR if one is live.',
    frame: { event: 'subscribed', data: { sessionId: SESSION_ID }, timestamp: AT },
  },
  {
    when: 'The answer to unsubscribe.',
    frame: { event: 'unsubscribed', data: { sessionId: SESSION_ID }, timestamp: AT },
  },
  { when: 'The answer to ping.', frame: { event: 'pong', data: {}, timestamp: AT } },
  {
    when: 'The answer to a frame that cannot be understood, or names no session of yours.',
    frame: {
      event: 'error',
      data: { code: 'NOT_FOUND', error: 'There is no session with this id.' },
      timestamp: AT,
    },
  },
];
