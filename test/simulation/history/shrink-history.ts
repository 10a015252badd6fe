import type { History, Step } from './steps.ts';

/** How often a history is told again, at most, to find out what it can do without. */
const MOST_RUNS = 400;

/**
 * A history that still fails, with as few steps as can be had: larger parts are left out first, then single steps.
 * What is left keeps its times.
 * @param fails tells a history and answers whether it breaks the same promise
 */
export async function shrinkHistory(
  history: History,
  fails: (history: History) => Promise<boolean>,
): Promise<History> {
  let { steps } = history;
  let runs = 0;
  const without = (from: number, count: number): Step[] => [
    ...steps.slice(0, from),
    ...steps.slice(from + count),
  ];
  for (let count = Math.ceil(steps.length / 2); count >= 1; count = count === 1 ? 0 : Math.ceil(count / 2)) {
    for (let from = 0; from < steps.length && runs < MOST_RUNS; ) {
      const fewer = without(from, count);
      runs += 1;
      if (await fails({ ...history, steps: fewer })) steps = fewer;
      else from += count;
    }
  }
  return { ...history, steps };
}
