import { controlRoutes } from '../../shared/control-routes.ts';
import { buildOpenapi } from '../../shared/openapi/build-openapi.ts';
import { getDocs } from '../../shared/system/routes.ts';
import { implement } from '../http/implement.ts';
import { DOCS_POLICY, renderDocs } from './docs/render-docs.ts';

/** Rendered once per process and version. */
const pages = new Map<string, string>();

export const handler = implement(getDocs, async (_, { config: { version } }) => {
  const body =
    pages.get(version) ?? renderDocs(buildOpenapi(controlRoutes, { title: 'WhatsApp gateway', version }));
  pages.set(version, body);
  return {
    raw: { body, contentType: 'text/html; charset=utf-8' },
    headers: { 'content-security-policy': DOCS_POLICY, 'cache-control': 'public, max-age=300' },
  };
});
