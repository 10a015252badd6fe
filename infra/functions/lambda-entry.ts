import { handlerFile } from '../../functions/handler-file.ts';
import type { Group } from '../../shared/contract/route.ts';
import { controlRoutes } from '../../shared/control-routes.ts';
import type { FunctionName } from '../stages.ts';
import { servicesOf } from './function-services.ts';

const DEPS = "import { lambdaDeps } from './functions/lambda/lambda-deps.ts';";

/** The functions that no route leads to: what their entries import, and make their handlers of, given `deps`. */
const BACKGROUND = {
  realtime: {
    imports: ["import { realtimeFunction } from './functions/realtime/realtime-function.ts';"],
    handler: 'realtimeFunction(deps)',
  },
  delivery: {
    imports: ["import { deliveryFunction } from './functions/webhooks/delivery/delivery-function.ts';"],
    handler: 'deliveryFunction(deps)',
  },
  outbox: {
    imports: ["import { outboxFunction } from './functions/messages/outbox/outbox-function.ts';"],
    handler: 'outboxFunction(deps)',
  },
  supervisor: {
    imports: [
      "import { readSupervisorEnv } from './functions/workers/supervision/env.ts';",
      "import { supervisorFunction } from './functions/workers/supervision/supervisor-function.ts';",
    ],
    handler: 'supervisorFunction(deps, readSupervisorEnv())',
  },
} as const;

/** API Gateway sends what no route is for to this group, which has to know all paths in order to refuse. */
const KNOWS_ALL: Group = 'system';

function depsOf(name: FunctionName): string[] {
  const { imports, argument } = servicesOf(name);
  return [DEPS, ...imports, `const deps = lambdaDeps(${argument});`];
}

/**
 * The source text of a group's Lambda entry, for a bundler that resolves it from the repository's root.
 * Its imports are static, so that the bundle holds what the group needs and nothing else.
 */
export function lambdaEntry(group: Group): string {
  const files = controlRoutes.filter((route) => route.group === group).map(handlerFile);
  const handlers = `[${files.map((_, index) => `handler${index}`).join(', ')}]`;
  const all = group === KNOWS_ALL;
  return [
    ...depsOf(group),
    "import { httpFunction } from './functions/http/http-function.ts';",
    ...(all ? ["import { controlRoutes } from './shared/control-routes.ts';"] : []),
    ...files.map((file, index) => `import { handler as handler${index} } from './${file}';`),
    `export const handler = httpFunction(${handlers}, deps${all ? ', controlRoutes' : ''});`,
    '',
  ].join('\n');
}

/** The same for a function that no route leads to. */
export function backgroundEntry(name: keyof typeof BACKGROUND): string {
  const { imports, handler } = BACKGROUND[name];
  return [...depsOf(name), ...imports, `export const handler = ${handler};`, ''].join('\n');
}
