import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY_ROOT } from '../constructs/bundle.ts';

/** Answers 501 in the gateway's shape, for a function whose code is not there yet. */
const MISSING = `export const handler = async () => ({
  statusCode: 501,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ success: false, error: 'This part is not built yet.', code: 'INTERNAL_ERROR' }),
});`;

/** The entry of a function that stands in a folder of its own. */
export function folderEntry(folder: string): string {
  const file = `functions/${folder}/main.ts`;
  return existsSync(join(REPOSITORY_ROOT, file)) ? `export { handler } from './${file}';` : MISSING;
}

/** The entry of a group of routes. */
export function groupEntry(_group: string): string {
  return MISSING;
}
