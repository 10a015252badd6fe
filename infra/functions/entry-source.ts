import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { handlerFile } from '../../functions/handler-file.ts';
import { lambdaEntry, realtimeEntry } from '../../functions/http/lambda-entry.ts';
import { controlRoutes } from '../../shared/contract/control-routes.ts';
import type { Group } from '../../shared/contract/route.ts';
import { REPOSITORY_ROOT } from '../constructs/bundle.ts';
import type { FunctionName } from '../stages.ts';
import { surroundingsPreamble } from './surroundings-preamble.ts';

/** For a function whose code is not there yet: it fails, so that no queue takes a message for done. */
const MISSING = `export const handler = async () => { throw new Error('this function is not built yet'); };`;

/** What a background function's entry makes its handler of. */
const BACKGROUND: Record<'delivery' | 'outbox' | 'supervisor', string> = {
  delivery: `
import { deliveryFunction } from './functions/delivery/delivery-function.ts';
export const handler = deliveryFunction(createDeps(readFunctionsEnv()));
`,
  outbox: `
import { outboxFunction } from './functions/outbox/outbox-function.ts';
export const handler = outboxFunction(createDeps(readFunctionsEnv()));
`,
  supervisor: `
import { readSupervisorEnv } from './functions/supervisor/env.ts';
import { supervisorFunction } from './functions/supervisor/supervisor-function.ts';
export const handler = supervisorFunction(createDeps(readFunctionsEnv()), readSupervisorEnv());
`,
};
const IMPORTS = `
import { createDeps } from './functions/create-deps.ts';
import { readFunctionsEnv } from './functions/env.ts';
`;

const exists = (file: string) => existsSync(join(REPOSITORY_ROOT, file));

/** How the functions' own entries make what their handlers work with; on AWS, secrets and relay are added. */
const MAKES_DEPS = 'createDeps(readFunctionsEnv())';
const MAKES_DEPS_ON_AWS = 'createDeps(readFunctionsEnv(), await surroundings())';

function onAws(name: FunctionName, entry: string): string {
  if (!entry.includes(MAKES_DEPS)) throw new Error(`the entry of ${name} does not make its deps as expected`);
  return surroundingsPreamble(name) + entry.replace(MAKES_DEPS, MAKES_DEPS_ON_AWS);
}

function groupEntry(group: Group): string {
  const files = controlRoutes.filter((route) => route.group === group).map(handlerFile);
  return files.length > 0 && files.every(exists) ? onAws(group, lambdaEntry(group)) : MISSING;
}

/** The entry of a function, as text whose imports are relative to the repository. */
export function entryOf(name: FunctionName | 'relay'): string {
  switch (name) {
    // Needs no deps, and is given none.
    case 'relay':
      return "export { handler } from './functions/relay/main.ts';";
    case 'realtime':
      return onAws(name, realtimeEntry());
    case 'delivery':
    case 'outbox':
    case 'supervisor':
      return onAws(name, IMPORTS + BACKGROUND[name]);
    default:
      return groupEntry(name);
  }
}
