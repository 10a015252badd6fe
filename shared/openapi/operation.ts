import { bodySchemaOf } from '../contract/request-schemas.ts';
import { DEFAULT_MAX_BODY_BYTES, methodsOf, type RouteDeclaration } from '../contract/route.ts';
import { countedBy } from '../contract/route-errors.ts';
import type { Json } from './json-schema.ts';
import { type NamedSchema, nameSchema } from './named-schema.ts';
import { parametersOf } from './parameters.ts';
import { envelopeAround, failuresOf, hasData, hasEnvelope, successesOf } from './responses.ts';
import type { SchemaComponents } from './schema-components.ts';
import { exampleOf } from './schema-example.ts';

const COUNTED = {
  account: 'Counted against the limits of the account and of the key.',
  address: 'Counted against the limit of the source address.',
  nobody: 'Not counted against any limit.',
} as const;

function describe(route: RouteDeclaration): string {
  const aliases = (route.aliases ?? []).map((path) => `\`${path}\``);
  const [, ...others] = methodsOf(route);
  return [
    ...(route.description === undefined ? [] : [route.description]),
    COUNTED[countedBy(route) ?? 'nobody'],
    ...(others.length === 0 ? [] : [`${others.join(' and ')} does the same.`]),
    ...(aliases.length === 0 ? [] : [`Also at ${aliases.join(', ')}.`]),
  ].join(' ');
}

const pascal = (id: string) => id.charAt(0).toUpperCase() + id.slice(1);

function requestBody(route: RouteDeclaration, { sent, schemas }: SchemaComponents): Json {
  const body = bodySchemaOf(route);
  if (body === undefined) return {};
  const { name, ref } = nameSchema(schemas, sent[route.id] ?? {}, `${pascal(route.id)}Request`);
  const example = exampleOf(schemas[name] ?? {}, { isRequest: true, schemas });
  return {
    requestBody: {
      required: !body.safeParse(undefined).success,
      description: `At most ${route.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES} bytes.`,
      content: { 'application/json': { schema: ref, example } },
    },
  };
}

/** The answer's schema, with its example; routes that answer with the same data share it. */
function envelope(route: RouteDeclaration, { answered, schemas }: SchemaComponents): NamedSchema | undefined {
  if (!hasEnvelope(route)) return undefined;
  const data = hasData(route)
    ? nameSchema(schemas, answered[route.id] ?? {}, `${pascal(route.id)}Answer`)
    : undefined;
  const around = envelopeAround(data?.ref);
  const shown = data === undefined ? {} : { data: exampleOf(data.ref, { isRequest: false, schemas }) };
  const name = data === undefined ? 'Success' : `${data.name.replace(/Answer$/, '')}Response`;
  return nameSchema(schemas, { ...around, examples: [{ success: true, ...shown }] }, name);
}

const securityOf = ({ callers }: RouteDeclaration): Json[] =>
  callers.flatMap((caller): Json[] => {
    if (caller === 'public') return [];
    return caller === 'apiKey' ? [{ apiKey: [] }, { apiKeyHeader: [] }] : [{ [caller]: [] }];
  });

/** A route as an operation of the OpenAPI document, and the responses that it refers to. */
export function operationOf(
  route: RouteDeclaration,
  components: SchemaComponents,
): { operation: Json; responses: Record<string, Json> } {
  const { refs, responses } = failuresOf(route);
  const operation = {
    operationId: route.id,
    tags: [route.group],
    summary: route.summary,
    description: describe(route),
    security: securityOf(route),
    parameters: parametersOf(route, components),
    ...requestBody(route, components),
    responses: { ...successesOf(route, envelope(route, components)), ...refs },
  };
  return { operation, responses };
}
