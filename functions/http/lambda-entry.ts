import { controlRoutes } from '../../shared/contract/control-routes.ts';
import type { Group } from '../../shared/contract/route.ts';
import { handlerFile } from '../handler-file.ts';

const PREAMBLE = [
  "import { createDeps } from './functions/create-deps.ts';",
  "import { readFunctionsEnv } from './functions/env.ts';",
];

/**
 * The source text of a group's Lambda entry, for a bundler that resolves it from the repository's root.
 * Its imports are static, so that the bundle holds what the group needs and nothing else.
 */
export function lambdaEntry(group: Group): string {
  const files = controlRoutes.filter((route) => route.group === group).map(handlerFile);
  return [
    ...PREAMBLE,
    "import { httpFunction } from './functions/http/http-function.ts';",
    ...files.map((file, index) => `import { handler as handler${index} } from './${file}';`),
    `export const handler = httpFunction([${files.map((_, index) => `handler${index}`).join(', ')}], createDeps(readFunctionsEnv()));`,
    '',
  ].join('\n');
}

/** The same for the function behind the WebSocket API. */
export function realtimeEntry(): string {
  return [
    ...PREAMBLE,
    "import { realtimeFunction } from './functions/realtime/realtime-function.ts';",
    'export const handler = realtimeFunction(createDeps(readFunctionsEnv()));',
    '',
  ].join('\n');
}
