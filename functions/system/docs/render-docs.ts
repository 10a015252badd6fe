import { createHash } from 'node:crypto';
import { DOCS_STYLE } from './docs-style.ts';
import { escapeHtml } from './escape-html.ts';
import { inlineReferences } from './inline-references.ts';
import { GUIDE_SECTIONS, INTRODUCTION } from './introduction.ts';
import { type Operation, renderOperation } from './operation-view.ts';

interface Entry {
  method: string;
  path: string;
  operation: Operation;
}

/** The order in which a newcomer needs the groups; the others follow. */
const ORDER = [
  'auth',
  'users',
  'sessions',
  'messages',
  'conversations',
  'webhooks',
  'analytics',
  'system',
  'admin',
  'workers',
  'callbacks',
];
const rankOf = (tag: string) => (ORDER.includes(tag) ? ORDER.indexOf(tag) : ORDER.length);

export const DOCS_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(DOCS_STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

function entriesOf(document: Record<string, unknown>): Entry[] {
  const paths = inlineReferences(document, document['paths']) as Record<string, Record<string, Operation>>;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, operation]) => operation['x-same-as'] === undefined)
      .map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
}

const linksTo = (entries: readonly Entry[]) =>
  entries
    .map(
      ({ method, operation: { operationId, summary } }) =>
        `<a class="to" href="#${operationId}" title="${escapeHtml(summary)}"><i class="${method}">${method}</i>${escapeHtml(operationId)}</a>`,
    )
    .join('');

/** Renders an OpenAPI document as one self-contained page: no script, no font, no second request. */
export function renderDocs(document: Record<string, unknown>): string {
  const { title, version } = document['info'] as { title: string; version: string };
  const about = new Map(
    (document['tags'] as { name: string; description: string }[]).map(({ name, description }) => [
      name,
      description,
    ]),
  );
  const byTag = Map.groupBy(entriesOf(document), ({ operation }) => operation.tags[0] ?? 'other');
  const tags = [...byTag].sort(([a], [b]) => rankOf(a) - rankOf(b));
  const guide = GUIDE_SECTIONS.map(([anchor, name]) => `<a href="#${anchor}">${name}</a>`).join('');
  const links = tags
    .map(([tag, entries]) => `<b><a href="#${escapeHtml(tag)}">${escapeHtml(tag)}</a></b>${linksTo(entries)}`)
    .join('');
  const sections = tags
    .map(([tag, entries]) => {
      const cards = entries.map(({ method, path, operation }) => renderOperation(method, path, operation));
      return `<h2 class="tag" id="${escapeHtml(tag)}">${escapeHtml(tag)}</h2><p class="soft">${escapeHtml(about.get(tag) ?? '')}</p>
<div class="index">${linksTo(entries)}</div>${cards.join('')}`;
    })
    .join('');
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escapeHtml(title)}: API reference</title><style>${DOCS_STYLE}</style></head><body>
<nav aria-label="Routes"><span class="brand">${escapeHtml(title)}</span><b>Guide</b>${guide}${links}</nav>
<main><h1>API reference</h1><p class="soft">Version ${escapeHtml(version)}. Generated from the same declarations that validate every request;
the <a href="/api/v1/openapi.json">OpenAPI 3.1 document</a> is the machine-readable form.</p>${INTRODUCTION}${sections}</main></body></html>`;
}
