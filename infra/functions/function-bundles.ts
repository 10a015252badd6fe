import { bundleAll } from '../constructs/bundle.ts';
import { ROTATION_ENTRY } from '../rotation/rotation-entry.ts';
import type { FunctionName } from '../stages.ts';
import { entryOf } from './entry-source.ts';
import { RIGHTS } from './rights.ts';

export type BundledFunction = FunctionName | 'relay' | 'rotation';

export const BUNDLED_FUNCTIONS: readonly BundledFunction[] = [
  ...(Object.keys(RIGHTS) as FunctionName[]),
  'relay',
  'rotation',
];

let made: Map<string, Uint8Array> | undefined;

/** The code of every function, made when it is first asked for. */
export function functionBundles(): Map<string, Uint8Array> {
  made ??= bundleAll(
    Object.fromEntries(
      BUNDLED_FUNCTIONS.map((name) => [name, name === 'rotation' ? ROTATION_ENTRY : entryOf(name)]),
    ),
  );
  return made;
}
