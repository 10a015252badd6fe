import type { FunctionName } from '../stages.ts';
import { backgroundEntry, lambdaEntry } from './lambda-entry.ts';

export type BundledFunction = FunctionName | 'relay' | 'rotation';

/** The entry of a function, as text whose imports are relative to the repository. */
export function entryOf(name: BundledFunction): string {
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
