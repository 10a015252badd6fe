import { type Bundle, bundleAll } from '../constructs/bundle.ts';
import type { FunctionName } from '../stages.ts';
import { type BundledFunction, entryOf } from './entry-source.ts';
import { RIGHTS } from './rights.ts';

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
