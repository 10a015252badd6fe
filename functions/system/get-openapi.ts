import { controlRoutes } from '../../shared/control-routes.ts';
import { buildOpenapi } from '../../shared/openapi/build-openapi.ts';
import type { Json } from '../../shared/openapi/json-schema.ts';
import { getOpenapi } from '../../shared/system/routes.ts';
import { implement } from '../http/implement.ts';

/** Built once per process and version, because converting every schema takes a while. */
const documents = new Map<string, Json>();

export const handler = implement(getOpenapi, async ({ address = '/' }, { config: { version } }) => {
  const document =
    documents.get(version) ?? buildOpenapi(controlRoutes, { title: 'WhatsApp gateway', version });
  documents.set(version, document);
  const body = JSON.stringify({ ...document, servers: [{ url: address }] });
  return { raw: { body, contentType: 'application/json; charset=utf-8' } };
});
