import { controlRoutes } from '../../shared/control-routes.ts';
import { buildOpenapi } from '../../shared/openapi/build-openapi.ts';
import { getOpenapi } from '../../shared/system/routes.ts';
import { implement } from '../http/implement.ts';

/** Built once per process and version; converting every schema takes a while. */
const documents = new Map<string, string>();

export const handler = implement(getOpenapi, async (_, { config: { version } }) => {
  const body =
    documents.get(version) ??
    JSON.stringify(buildOpenapi(controlRoutes, { title: 'WhatsApp gateway', version }));
  documents.set(version, body);
  return { raw: { body, contentType: 'application/json; charset=utf-8' } };
});
