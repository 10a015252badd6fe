import { prepareHandlers } from '../parts/answer-request.ts';
import type { Invariant, Violation } from '../parts/ledger.ts';
import { drawHistory } from './draw-history.ts';
import { runHistory } from './run-history.ts';
import { shrinkHistory } from './shrink-history.ts';
import type { History } from './steps.ts';

export interface SeedOptions {
  steps: number;
  ignored?: readonly Invariant[];
}

export interface ToldSeed {
  seed: number;
  violation: Violation | undefined;
  events: number;
  settledAfterMs: number | undefined;
}

/** Tells the history of one seed. */
export async function tellSeed(seed: number, { steps, ignored = [] }: SeedOptions): Promise<ToldSeed> {
  await prepareHandlers();
  const { violations, events, settledAfterMs } = await runHistory(drawHistory(seed, steps), { ignored });
  return { seed, violation: violations[0], events, settledAfterMs };
}

/** A failing history with as few steps as can be had, and what happened in it. */
export async function explain(
  history: History,
  { ignored = [] }: { ignored?: readonly Invariant[] } = {},
): Promise<{ history: History; violation: Violation | undefined; trace: readonly string[] }> {
  await prepareHandlers();
  const [first] = (await runHistory(history, { ignored })).violations;
  const fails = async (other: History) =>
    (await runHistory(other, { ignored })).violations.some(({ invariant }) => invariant === first?.invariant);
  const shrunk = first === undefined ? history : await shrinkHistory(history, fails);
  const { violations, trace } = await runHistory(shrunk, { ignored, isTraced: true });
  return { history: shrunk, violation: violations[0], trace };
}

/** A history as it can be read, and told again. */
export function showHistory({ steps, ...about }: History): string {
  return [JSON.stringify(about), ...steps.map((step) => `  ${JSON.stringify(step)}`)].join('\n');
}
