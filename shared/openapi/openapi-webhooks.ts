import { eventExample } from '../events/create-event.ts';
import { declarationOf } from '../events/registry.ts';
import { WEBHOOK_PAYLOADS } from '../events/webhook-payload.ts';
import { type Json, toJsonSchema } from './json-schema.ts';

const toComponent = (name: string) => `#/components/schemas/${name}`;

/** Schemas that others refer to, moved to where the document keeps them; open, since events gain fields. */
function asComponents(json: Json): Json {
  return JSON.parse(JSON.stringify(json), (key, value) => {
    if (key === '$ref') return toComponent(String(value).replace('#/$defs/', ''));
    if (key === 'additionalProperties' && value === false) return undefined;
    return value;
  });
}

function operationOf(type: Parameters<typeof declarationOf>[0], name: string): Json {
  const { summary, description } = declarationOf(type);
  return {
    operationId: `on${name}`,
    tags: ['webhooks'],
    summary,
    ...(description === undefined ? {} : { description }),
    requestBody: {
      required: true,
      content: {
        'application/json': { schema: { $ref: toComponent(name) }, example: eventExample(type) },
      },
    },
    responses: {
      '2XX': { description: 'Taken. Anything else is tried again with growing delays for a day.' },
    },
  };
}

/** What webhooks are sent: the `webhooks` of the OpenAPI document, and the schemas that they refer to. */
export function openapiWebhooks(): { webhooks: Json; schemas: Json } {
  const webhooks: Json = {};
  const schemas: Json = {};
  for (const [type, payload] of WEBHOOK_PAYLOADS) {
    const name = String(payload.meta()?.id);
    // Every schema that has a name stands among the definitions, the payload's own too.
    const { $defs } = toJsonSchema(payload, 'output');
    Object.assign(schemas, asComponents($defs as Json));
    webhooks[type] = { post: operationOf(type, name) };
  }
  return { webhooks, schemas };
}
