import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { RouteDeclaration } from '../../shared/contract/route.ts';
import { controlRoutes } from '../../shared/control-routes.ts';
import { ERROR_CODES } from '../../shared/errors/error-codes.ts';
import { buildOpenapi } from '../../shared/openapi/build-openapi.ts';
import { type Json, standalone } from '../../shared/openapi/json-schema.ts';

const AnyJson = z.record(z.string(), z.unknown());
const Ref = z.strictObject({ $ref: z.string() });
const Content = z.record(
  z.string(),
  z.object({
    schema: AnyJson,
    example: z.unknown().optional(),
    examples: z.record(z.string(), z.unknown()).optional(),
  }),
);
const Response = z.object({
  description: z.string().min(1),
  headers: z.record(z.string(), Ref),
  content: Content.optional(),
});
const Parameter = z.object({
  name: z.string(),
  in: z.enum(['path', 'query', 'header']),
  schema: AnyJson,
  example: z.unknown().optional(),
});
const Operation = z.object({
  operationId: z.string(),
  summary: z.string().min(5),
  description: z.string().min(10),
  tags: z.array(z.string()).length(1),
  parameters: z.array(z.union([Ref, Parameter])),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  requestBody: z
    .object({
      description: z.string(),
      content: z.strictObject({ 'application/json': z.object({ schema: Ref, example: z.unknown() }) }),
    })
    .optional(),
  responses: z.record(z.string(), z.union([Ref, Response])),
});
const Document = z.object({
  info: z.object({ description: z.string() }),
  tags: z.array(z.object({ name: z.string(), description: z.string().min(10) })),
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  components: z.object({
    schemas: z.record(z.string(), AnyJson),
    responses: z.record(z.string(), Response),
    parameters: z.record(z.string(), Parameter),
    examples: z.record(z.string(), z.object({ value: z.unknown() })),
    headers: z.record(z.string(), z.unknown()),
    securitySchemes: z.record(z.string(), z.unknown()),
  }),
});

const built = buildOpenapi(controlRoutes, { title: 'gateway', version: '1' });
const text = JSON.stringify(built);
const document = Document.parse(built);
const { components } = document;
const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
const byId = operations.map((operation) => [operation.operationId, operation] as const);
const withBody = (controlRoutes as readonly RouteDeclaration[]).flatMap(({ id, body }) =>
  body === undefined ? [] : [[id, body] as const],
);

const nameOf = ({ $ref }: { $ref: string }) => $ref.slice($ref.lastIndexOf('/') + 1);

/** The responses of an operation by status, wherever they stand. */
function responsesOf({ responses }: z.infer<typeof Operation>) {
  return Object.entries(responses).map(([status, response]) => {
    const found = '$ref' in response ? components.responses[nameOf(response)] : response;
    if (found === undefined) throw new Error(`${JSON.stringify(response)} leads nowhere`);
    return [Number(status), found] as const;
  });
}

function expectToFit(value: unknown, schema: Json): void {
  const { error } = z.fromJSONSchema(standalone(schema, components.schemas)).safeParse(value);
  expect(error === undefined ? '' : z.prettifyError(error), JSON.stringify(value)).toBe('');
}

const bodyOf = ({ requestBody }: z.infer<typeof Operation>) => requestBody?.content['application/json'];

/** Every schema within a value that a generator makes something of. */
function* schemasIn(value: unknown): Generator<Json> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield value as Json;
  for (const [key, each] of Object.entries(value))
    if (key !== 'example' && key !== 'examples') yield* schemasIn(each);
}

describe('the OpenAPI document', () => {
  it.each(byId)('gives an example of what %s is sent, and it fits', (_, operation) => {
    const body = bodyOf(operation);
    if (body !== undefined) expectToFit(body.example, body.schema);
    for (const parameter of operation.parameters)
      if ('in' in parameter && parameter.in === 'path') expectToFit(parameter.example, parameter.schema);
  });

  it.each(withBody)('gives an example that %s itself takes', (id, body) => {
    const operation = operations.find(({ operationId }) => operationId === id);
    const example = operation === undefined ? undefined : bodyOf(operation)?.example;
    const { error } = body.safeParse(example);
    expect(error === undefined ? '' : z.prettifyError(error), JSON.stringify(example)).toBe('');
  });

  it.each(byId)('gives an example of what %s answers, and it fits', (_, operation) => {
    for (const [status, { content = {} }] of responsesOf(operation)) {
      if (status >= 400) continue;
      // Only a redirection has nothing to show.
      expect(Object.keys(content).length > 0, String(status)).toBe(status < 300);
      const { schema } = content['application/json'] ?? {};
      if (schema === undefined || !('$ref' in schema)) continue;
      const named = components.schemas[nameOf(Ref.parse(schema))] ?? {};
      const [example] = z.array(z.unknown()).length(1).parse(named['examples']);
      expectToFit(example, schema);
    }
  });

  it.each(byId)('shows each error of %s by an example, with what to do about it', (_, operation) => {
    for (const [status, { description, content = {} }] of responsesOf(operation)) {
      if (status < 400) continue;
      const shown = Object.keys(content['application/json']?.examples ?? {});
      expect(shown).toEqual(description.split(', '));
      for (const code of shown) expect(Object.keys(ERROR_CODES)).toContain(code);
    }
  });

  it('has an example of every error, which has the declared shape', () => {
    expect(Object.keys(components.examples)).toEqual(Object.keys(ERROR_CODES));
    for (const [code, { value }] of Object.entries(components.examples)) {
      expectToFit(value, { $ref: '#/components/schemas/Failure' });
      expect(value).toMatchObject({ code, error: expect.stringMatching(/^[A-Z].*\.$/) });
    }
  });

  it('describes every tag, header and caller that it names', () => {
    const { headers, securitySchemes } = components;
    const tags = document.tags.map(({ name }) => name);
    for (const operation of operations) {
      expect(tags).toEqual(expect.arrayContaining(operation.tags));
      for (const scheme of operation.security)
        expect(securitySchemes).toMatchObject(mapOf(Object.keys(scheme)));
      for (const [, { headers: named }] of responsesOf(operation))
        expect(headers).toMatchObject(mapOf(Object.keys(named)));
    }
  });

  it('states the limits that hold everywhere, and the size of every body', () => {
    for (const word of ['4194304 bytes', '28 seconds', 'BASIC', 'Retry-After', 'one address'])
      expect(document.info.description).toContain(word);
    for (const { requestBody } of operations)
      if (requestBody !== undefined) expect(requestBody.description).toMatch(/^At most \d+ bytes\.$/);
  });

  it('gives every request and every answer of JSON a name', () => {
    for (const operation of operations)
      for (const [status, { content = {} }] of responsesOf(operation)) {
        const { schema } = content['application/json'] ?? {};
        if (schema !== undefined && operation.operationId !== 'getOpenapi')
          expect([operation.operationId, status, Object.keys(schema)]).toEqual([
            operation.operationId,
            status,
            ['$ref'],
          ]);
      }
  });

  it('gives every enumeration a name, but for those of yes and no', () => {
    const inside = Object.entries(components.schemas).flatMap(([name, { enum: _, ...schema }]) =>
      [...schemasIn(schema)]
        .filter((each) => Array.isArray(each['enum']))
        .map((each) => [name, each['enum']]),
    );
    expect(inside).toEqual([['UpdateWorkerRequest', ['ONLINE', 'MAINTENANCE', 'DRAINING']]]);
  });

  it('refers to nothing that is not there, and keeps nothing that nobody refers to', () => {
    const referred = new Set([...text.matchAll(/"#\/components\/([\w/.-]+)"/g)].map(([, path]) => path));
    const kept = Object.entries(components).flatMap(([kind, named]) =>
      ['securitySchemes', 'examples'].includes(kind)
        ? []
        : Object.keys(named).map((name) => `${kind}/${name}`),
    );
    expect([...referred].filter((path) => !path?.startsWith('examples/')).toSorted()).toEqual(
      kept.toSorted(),
    );
  });

  it('tells the forms of a message apart by their type, and requires of each its own field', () => {
    const { oneOf, discriminator } = z
      .object({
        oneOf: z.array(Ref),
        discriminator: z.object({ propertyName: z.string(), mapping: z.record(z.string(), z.string()) }),
      })
      .parse(components.schemas['SendMessage']);
    expect(discriminator.propertyName).toBe('type');
    expect(Object.values(discriminator.mapping)).toEqual(oneOf.map(({ $ref }) => $ref));
    const required = (name: string) => components.schemas[name]?.['required'];
    expect(required('SendImage')).toEqual(['to', 'type', 'media']);
    expect(required('SendPoll')).toEqual(['to', 'type', 'poll']);
    expect(components.schemas['SendText']).toEqual({
      oneOf: ['SendTextByMessage', 'SendTextByText'].map((name) => ({
        $ref: `#/components/schemas/${name}`,
      })),
    });
    expect(required('SendTextByMessage')).toEqual(['to', 'type', 'message']);
    expect(required('SendTextByText')).toEqual(['to', 'type', 'text']);
  });

  it('has no header that a tool would send by itself', () => {
    const headers = [
      ...operations.flatMap(({ parameters }) => parameters),
      ...Object.values(components.parameters),
    ];
    for (const header of headers) {
      if (!('in' in header) || header.in !== 'header') continue;
      expect([header.name, header.example, header.schema['example'], header.schema['examples']]).toEqual([
        header.name,
        undefined,
        undefined,
        undefined,
      ]);
    }
  });

  it('speaks of nothing that its readers do not have', () => {
    expect(text.match(/\bseeds?\b|\bS[0-4]\b|§|\bsections? \d|\bcontract\b|\bissue \d/gi)).toBeNull();
  });

  it('has patterns that readers of other languages know', () => {
    const patterns = [...schemasIn(built)]
      .map(({ pattern }) => pattern)
      .filter((each) => typeof each === 'string');
    expect(patterns.filter((pattern) => /\\p\{|\(\?</.test(pattern))).toEqual([]);
    // An untyped pattern holds for texts only; generators cannot know.
    for (const schema of schemasIn(components.schemas))
      if (typeof schema['pattern'] === 'string' && schema['$ref'] === undefined)
        expect(schema['type']).toBe('string');
  });

  it('stays under 350 KB', () => {
    expect(Buffer.byteLength(text)).toBeLessThan(350_000);
  });
});

const mapOf = (names: string[]) => Object.fromEntries(names.map((name) => [name, expect.anything()]));
