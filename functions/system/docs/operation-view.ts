import { type JsonSchema, merged, variantsOf } from '../../../shared/openapi/schema-example.ts';
import { escapeHtml, renderProse } from './escape-html.ts';

interface Content {
  content?: Record<string, { schema?: JsonSchema; example?: unknown }>;
  description?: string;
}

/** The parts of an OpenAPI operation that the reference shows. */
export interface Operation {
  operationId: string;
  tags: string[];
  summary: string;
  description?: string;
  security: Record<string, unknown>[];
  parameters: { name: string; in: string; required: boolean; description?: string; schema: JsonSchema }[];
  requestBody?: Content;
  responses: Record<string, Content>;
}

const MAX_DEPTH = 3;
const CALLERS: Readonly<Record<string, string>> = {
  user: 'login',
  apiKey: 'API key',
  admin: 'administrator',
  worker: 'worker token',
};

function typeOf(given: JsonSchema): string {
  const schema = merged(given);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((each) => JSON.stringify(each)).join(' | ');
  const variants = variantsOf(schema);
  if (schema.properties !== undefined) return schema.title ?? 'object';
  if (variants.length > 0) return [...new Set(variants.map(typeOf))].join(' | ');
  if (schema.items !== undefined) return `${typeOf(schema.items)}[]`;
  const type = [schema.type ?? 'any'].flat().join(' | ');
  return schema.format === undefined ? type : `${type} (${schema.format})`;
}

function boundsOf({ minLength, maxLength, minimum, maximum, maxItems, default: usual }: JsonSchema): string {
  const bounds = [
    maxLength === undefined ? '' : `${minLength ? `${minLength} to` : 'at most'} ${maxLength} characters`,
    maximum === undefined || maximum > 2 ** 40 ? '' : `${minimum ?? 0} to ${maximum}`,
    maxItems === undefined ? '' : `at most ${maxItems}`,
    usual === undefined ? '' : `usually ${JSON.stringify(usual)}`,
  ];
  return bounds.filter((each) => each !== '').join(', ');
}

function row(name: string, schema: JsonSchema, required: boolean): string {
  const about = [schema.description?.replace(/\.$/, ''), boundsOf(schema)].filter(
    (each) => each !== undefined && each !== '',
  );
  const mark = required ? ' <span class="req" title="required">*</span>' : '';
  return `<tr><td>${escapeHtml(name)}${mark}</td><td class="soft">${escapeHtml(typeOf(schema))}</td><td>${renderProse(about.join('; '))}</td></tr>`;
}

/** The fields of all variants of an object; a field is required where every variant requires it. */
function anyObjectOf(value: JsonSchema): JsonSchema {
  const [first, ...others] = variantsOf(value).filter((variant) => variant.properties !== undefined);
  if (first === undefined) return value;
  const properties = Object.assign({}, ...others.map((each) => each.properties), first.properties);
  const required = first.required?.filter((key) => others.every((each) => each.required?.includes(key)));
  return { properties, ...(required === undefined ? {} : { required }) };
}

/** @param named whether the fields of what has a name of its own are shown, too */
function rows(given: JsonSchema, named: boolean, path = '', depth = 0): string {
  const schema = merged(given);
  if (schema.items !== undefined) return rows(schema.items, named, `${path}[]`, depth);
  return Object.entries(schema.properties ?? {})
    .map(([key, value]) => {
      const name = path === '' ? key : `${path}.${key}`;
      const isShown = depth < MAX_DEPTH && (named || nameOf(value) === undefined);
      const deeper = isShown ? rows(anyObjectOf(value), named, name, depth + 1) : '';
      return row(name, value, schema.required?.includes(key) ?? false) + deeper;
    })
    .join('');
}

/** Of what is shown once, where it first stands: the parts of a message. */
const nameOf = ({ title, items }: JsonSchema): string | undefined => title ?? items?.title;

const table = (body: string) => (body === '' ? '' : `<table>${body}</table>`);

/** The fields of an object, in every form that it may have. */
export const fieldsTable = (schema: JsonSchema, named: boolean): string =>
  table(rows(anyObjectOf(schema), named));
const json = (value: unknown) => JSON.stringify(value, undefined, 2);

function curl(method: string, path: string, operation: Operation, body: unknown): string {
  const url = path.replace(
    /\{(\w+)\}/g,
    (_, name: string) => `$${name.replace(/[A-Z]/g, (l) => `_${l}`).toUpperCase()}`,
  );
  const lines = [`curl -X ${method} "$GATEWAY${url}"`];
  if (operation.security.length > 0) lines.push('-H "authorization: Bearer $TOKEN"');
  if (body !== undefined)
    lines.push(
      "-H 'content-type: application/json'",
      `-d '${JSON.stringify(body).replaceAll("'", "'\\''")}'`,
    );
  return lines.join(' \\\n  ');
}

function failures(operation: Operation): string {
  return Object.entries(operation.responses)
    .filter(([status]) => Number(status) >= 400)
    .map(
      ([status, { description = '' }]) =>
        `<tr><td>${status}</td><td><code>${escapeHtml(description.replaceAll(', ', ' ')).replaceAll(
          ' ',
          '</code> <code>',
        )}</code></td></tr>`,
    )
    .join('');
}

function success(operation: Operation): string {
  return Object.entries(operation.responses)
    .filter(([status]) => Number(status) < 400)
    .slice(0, 1)
    .map(([, { content = {} }]) => {
      const { schema, example } = content['application/json'] ?? {};
      const data = schema?.properties?.['data'];
      if (schema?.properties === undefined)
        return `<p class="soft">${escapeHtml(Object.keys(content).join(', '))}</p>`;
      return `<pre><code>${escapeHtml(json(example))}</code></pre>${data === undefined ? '' : table(rows(data, false))}`;
    })
    .join('');
}

const fold = (title: string, inside: string) =>
  inside === '' ? '' : `<details><summary>${title}</summary><div>${inside}</div></details>`;

/** Renders one route as a card. */
export function renderOperation(method: string, path: string, operation: Operation): string {
  const { schema, example: body } = operation.requestBody?.content?.['application/json'] ?? {};
  const parameters = operation.parameters.map((each) =>
    row(
      `${each.name} (${each.in})`,
      { ...each.schema, ...(each.description === undefined ? {} : { description: each.description }) },
      each.required,
    ),
  );
  const callers = operation.security.flatMap((scheme) => Object.keys(scheme));
  const statuses = Object.keys(operation.responses).filter((status) => Number(status) < 400);
  const pills = [
    ...callers.map((each) => CALLERS[each] ?? each),
    ...(callers.length === 0 ? ['public'] : []),
  ];
  return `<article id="${operation.operationId}"><header><div class="route"><span class="m ${method}">${method}</span>${escapeHtml(path)}</div>
<h3>${renderProse(operation.summary)}</h3>${operation.description === undefined ? '' : `<p class="soft">${renderProse(operation.description)}</p>`}
<div>${pills.map((each) => `<span class="pill">${each}</span>`).join('')}</div></header>
${fold('Request', `<pre><code>${escapeHtml(curl(method, path, operation, body))}</code></pre>${table(parameters.join('') + (schema === undefined ? '' : rows(schema, false)))}`)}
${fold(`Answer ${statuses.join(', ')}`, success(operation))}${fold('Errors', table(failures(operation)))}</article>`;
}
