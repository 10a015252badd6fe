import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { RouteDeclaration } from '../../shared/contract/route.ts';
import { controlRoutes } from '../../shared/control-routes.ts';
import { ERROR_CODES } from '../../shared/errors/error-codes.ts';
import { buildOpenapi } from '../../shared/openapi/build-openapi.ts';

const Content = z.record(
  z.string(),
  z.object({
    schema: z.record(z.string(), z.unknown()),
    example: z.unknown().optional(),
    examples: z.record(z.string(), z.unknown()).optional(),
  }),
);
const Operation = z.object({
  operationId: z.string(),
  summary: z.string().min(5),
  description: z.string().min(20),
  tags: z.array(z.string()).length(1),
  parameters: z.array(
    z.object({
      name: z.string(),
      in: z.enum(['path', 'query', 'header']),
      schema: z.record(z.string(), z.unknown()),
      example: z.unknown().optional(),
    }),
  ),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  requestBody: z.object({ description: z.string(), content: Content }).optional(),
  responses: z.record(
    z.string(),
    z.object({
      description: z.string().min(1),
      headers: z.record(z.string(), z.object({ $ref: z.string() })),
      content: Content.optional(),
    }),
  ),
});
const Document = z.object({
  info: z.object({ description: z.string() }),
  tags: z.array(z.object({ name: z.string(), description: z.string().min(10) })),
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  components: z.object({
    schemas: z.record(z.string(), z.record(z.string(), z.unknown())),
    examples: z.record(z.string(), z.object({ value: z.unknown() })),
    headers: z.record(z.string(), z.unknown()),
    securitySchemes: z.record(z.string(), z.unknown()),
  }),
});

const document = Document.parse(buildOpenapi(controlRoutes, { title: 'gateway', version: '1' }));
const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
const byId = operations.map((operation) => [operation.operationId, operation] as const);
const withBody = (controlRoutes as readonly RouteDeclaration[]).flatMap(({ id, body }) =>
  body === undefined ? [] : [[id, body] as const],
);

function expectToFit(value: unknown, schema: Record<string, unknown>): void {
  const { error } = z.fromJSONSchema(schema).safeParse(value);
  expect(error === undefined ? '' : z.prettifyError(error), JSON.stringify(value)).toBe('');
}

describe('the OpenAPI document', () => {
  it.each(byId)('gives an example of what %s is sent, and it fits', (_, { requestBody, parameters }) => {
    for (const { schema, example } of Object.values(requestBody?.content ?? {})) expectToFit(example, schema);
    for (const { in: where, schema, example } of parameters)
      if (where === 'path') expectToFit(example, schema);
  });

  it.each(withBody)('gives an example that %s itself takes', (id, body) => {
    const { requestBody } = operations.find(({ operationId }) => operationId === id) ?? {};
    for (const { example } of Object.values(requestBody?.content ?? {})) {
      const { error } = body.safeParse(example);
      expect(error === undefined ? '' : z.prettifyError(error), JSON.stringify(example)).toBe('');
    }
  });

  it.each(byId)('gives an example of what %s answers, and it fits', (_, { responses }) => {
    for (const [status, { content = {} }] of Object.entries(responses)) {
      if (Number(status) >= 400) continue;
      // Only a redirection has nothing to show.
      expect(Object.keys(content).length > 0, status).toBe(Number(status) < 300);
      for (const [type, { schema, example }] of Object.entries(content))
        if (!type.startsWith('image/png')) expectToFit(example, schema);
    }
  });

  it.each(byId)('shows each error of %s by an example, with what to do about it', (_, { responses }) => {
    for (const [status, { description, content = {} }] of Object.entries(responses)) {
      if (Number(status) < 400) continue;
      const shown = Object.keys(content['application/json']?.examples ?? {});
      expect(shown).toEqual(description.split(', '));
      for (const code of shown) expect(Object.keys(ERROR_CODES)).toContain(code);
    }
  });

  it('has an example of every error, which has the declared shape', () => {
    const { schemas, examples } = document.components;
    expect(Object.keys(examples)).toEqual(Object.keys(ERROR_CODES));
    for (const [code, { value }] of Object.entries(examples)) {
      expectToFit(value, schemas['Failure'] ?? {});
      expect(value).toMatchObject({ code, error: expect.stringMatching(/^[A-Z].*\.$/) });
    }
  });

  it('describes every tag, header and caller that it names', () => {
    const { headers, securitySchemes } = document.components;
    const tags = document.tags.map(({ name }) => name);
    for (const { tags: own, security, responses } of operations) {
      expect(tags).toEqual(expect.arrayContaining(own));
      for (const scheme of security) expect(securitySchemes).toMatchObject(mapOf(Object.keys(scheme)));
      for (const { headers: named } of Object.values(responses))
        expect(headers).toMatchObject(mapOf(Object.keys(named)));
    }
  });

  it('states the limits that hold everywhere, and the size of every body', () => {
    for (const word of ['4194304 bytes', '28 seconds', 'BASIC', 'Retry-After', 'one address'])
      expect(document.info.description).toContain(word);
    for (const { requestBody } of operations)
      if (requestBody !== undefined) expect(requestBody.description).toMatch(/^At most \d+ bytes\.$/);
  });
});

const mapOf = (names: string[]) => Object.fromEntries(names.map((name) => [name, expect.anything()]));
