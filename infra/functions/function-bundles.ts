import { type Bundle, bundleAll } from '../constructs/bundle.ts';
import type { FunctionName } from '../stages.ts';
import { backgroundEntry, lambdaEntry } from './lambda-entry.ts';
import { RIGHTS } from './rights.ts';

export type BundledFunction = FunctionName | 'relay' | 'rotation';

/** The entry of a function, as text whose imports are relative to the repository. */
function entryOf(name: BundledFunction): string {
  switch (name) {
    // Needs no deps, and is given none.
    case 'relay':
      return "export { handler } from './functions/workers/relay/main.ts';";
    case 'rotation':
      return "export { handler } from './functions/rotation/main.ts';";
    case 'realtime':
    case 'delivery':
    case 'outbox':
    case 'supervisor':
      return backgroundEntry(name);
    default:
      return lambdaEntry(name);
  }
}

export const BUNDLED_FUNCTIONS: readonly BundledFunction[] = [
  ...(Object.keys(RIGHTS) as FunctionName[]),
  'relay',
  'rotation',
];

let made: Promise<Map<string, Bundle>> | undefined;

/** The code of every function, made when it is first asked for. */
export function functionBundles(): Promise<Map<string, Bundle>> {
  made ??= bundleAll(Object.fromEntries(BUNDLED_FUNCTIONS.map((name) => [name, entryOf(name)])));
  return made;
}
