import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { handlerFile } from '../../functions/handler-file.ts';
import { lambdaEntry, realtimeEntry } from '../../functions/http/lambda-entry.ts';
import { controlRoutes } from '../../shared/contract/control-routes.ts';
import type { Group } from '../../shared/contract/route.ts';
import { REPOSITORY_ROOT } from '../constructs/bundle.ts';
import type { FunctionName } from '../stages.ts';
import { surroundingsPreamble } from './surroundings-preamble.ts';

/** Answers 501 in the gateway's shape, for a function whose code is not there yet. */
const MISSING = `export const handler = async () => ({
  statusCode: 501,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ success: false, error: 'This part is not built yet.', code: 'INTERNAL_ERROR' }),
});`;

const exists = (file: string) => existsSync(join(REPOSITORY_ROOT, file));

/** How the functions' own entries make what their handlers work with; on AWS, secrets and relay are added. */
const MAKES_DEPS = 'createDeps(readFunctionsEnv())';
const MAKES_DEPS_ON_AWS = 'createDeps(readFunctionsEnv(), await surroundings())';

function onAws(name: FunctionName, entry: string): string {
  if (!entry.includes(MAKES_DEPS)) throw new Error(`the entry of ${name} does not make its deps as expected`);
  return surroundingsPreamble(name) + entry.replace(MAKES_DEPS, MAKES_DEPS_ON_AWS);
}

/** The entry of a group of routes. */
export function groupEntry(group: Group): string {
  const files = controlRoutes.filter((route) => route.group === group).map(handlerFile);
  return files.every(exists) ? onAws(group, lambdaEntry(group)) : MISSING;
}

/** The entry of a function that no route leads to. */
export function backgroundEntry(name: Exclude<FunctionName, Group>): string {
  if (name === 'realtime') return onAws(name, realtimeEntry());
  const file = `functions/${name}/main.ts`;
  return exists(file) ? `${surroundingsPreamble(name)}export { handler } from './${file}';` : MISSING;
}

/** The relay needs nothing of that. */
export const RELAY_ENTRY = "export { handler } from './functions/relay/main.ts';";
