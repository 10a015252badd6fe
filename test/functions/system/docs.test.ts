import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { DOCS_STYLE } from '../../../functions/system/docs/docs-style.ts';
import { escapeHtml } from '../../../functions/system/docs/escape-html.ts';
import { ANSWER_EXAMPLES } from '../../../functions/system/docs/event-view.ts';
import { DOCS_POLICY, renderDocs } from '../../../functions/system/docs/render-docs.ts';
import type { RouteDeclaration } from '../../../shared/contract/route.ts';
import { controlRoutes } from '../../../shared/control-routes.ts';
import { ERROR_CODES } from '../../../shared/errors/error-codes.ts';
import { EVENTS } from '../../../shared/events/registry.ts';
import { buildOpenapi } from '../../../shared/openapi/openapi.ts';
import { exampleOf, type JsonSchema } from '../../../shared/openapi/schema-example.ts';
import { AnswerFrame } from '../../../shared/realtime/schema.ts';

const page = renderDocs(buildOpenapi(controlRoutes, { title: 'A <gateway>', version: '1.2.3' }));
const routes: readonly RouteDeclaration[] = controlRoutes;

describe('the reference', () => {
  it('shows every route once, with a link to it', () => {
    for (const { id } of routes) {
      expect(page.split(`<article id="${id}">`)).toHaveLength(2);
      expect(page).toContain(`href="#${id}"`);
    }
  });

  it('needs nothing but itself, and its policy allows nothing else', () => {
    expect(page).not.toMatch(/<(?:script|link|img|iframe|form)\b|\bstyle=|\son\w+=|url\(/i);
    const digest = createHash('sha256').update(DOCS_STYLE).digest('base64');
    expect(page).toContain(`<style>${DOCS_STYLE}</style>`);
    expect(DOCS_POLICY).toContain(`style-src 'sha256-${digest}'`);
    expect(DOCS_POLICY).toContain("default-src 'none'");
  });

  it('escapes what it shows', () => {
    expect(page).not.toContain('<gateway>');
    expect(escapeHtml(`<a href="x">'&`)).toBe('&lt;a href=&quot;x&quot;&gt;&#39;&amp;');
  });

  it('shows every event with its fields and its examples', () => {
    for (const { type } of EVENTS) {
      const card = page.split(`<article id="event-${type}">`)[1]?.split('</article>')[0] ?? '';
      expect(card).toContain('<table>');
      expect(card).toContain(`&quot;type&quot;: &quot;${type}&quot;`);
    }
    const received = page.split('<article id="event-message.received">')[1] ?? '';
    expect(received.split('</article>')[0]).toContain('<td>media.mediaId');
  });

  it('shows every answer to a client’s frame, and every error', () => {
    expect(ANSWER_EXAMPLES.map(({ frame }) => frame.event)).toEqual(
      AnswerFrame.options.map(({ shape }) => shape.event.value),
    );
    for (const { frame } of ANSWER_EXAMPLES) {
      expect(page).toContain(`id="live-${frame.event}"`);
      expect(AnswerFrame.parse(frame)).toEqual(frame);
    }
    for (const code of Object.keys(ERROR_CODES)) expect(page).toContain(`id="error-${code}"`);
  });

  it('leads nowhere but to its own anchors, the document and the standard it names', () => {
    const anchors = new Set([...page.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => `#${id}`));
    const leading = [...page.matchAll(/href="([^"]+)"/g)].map(([, href = '']) => href);
    expect(leading.filter((href) => href.startsWith('#') && !anchors.has(href))).toEqual([]);
    expect(new Set(leading.filter((href) => !href.startsWith('#')))).toEqual(
      new Set(['/api/v1/openapi.json', 'https://www.standardwebhooks.com/']),
    );
  });

  it('shows the fields of every form that something may have', () => {
    const send = page.split('<article id="sendMessage">')[1]?.split('</article>')[0] ?? '';
    expect(send).toContain('<td>media.url</td>');
    expect(send).toContain('<td>media.mediaId</td>');
  });

  it('stays small', () => {
    expect(Buffer.byteLength(page)).toBeLessThan(400_000);
  });
});

describe('an example of a request', () => {
  const examples = routes.flatMap((route) => {
    const document = buildOpenapi([route], { title: '', version: '' });
    const [operations = {}] = Object.values(document['paths'] as object);
    const [operation] = Object.values(operations) as {
      requestBody?: { content: Record<string, { schema: JsonSchema }> };
    }[];
    const schema = operation?.requestBody?.content['application/json']?.schema;
    return schema === undefined ? [] : [[route.id, schema] as const];
  });
  it.each(examples)('%s names every field that is required', (_, schema) => {
    const example = exampleOf(schema, true);
    for (const field of schema.required ?? []) expect(example).toHaveProperty(field);
  });
});
