import type { SuiteResult } from './run-suite.ts';

/** Runs steps, says how long each took, and remembers it. */
export class Stopwatch {
  /** Seconds by step. */
  readonly seconds: Record<string, number> = {};

  async time<T>(step: string, work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    const result = await work();
    const seconds = Math.round((performance.now() - start) / 100) / 10;
    this.seconds[step] = seconds;
    console.log(`${step}: ${seconds} s`);
    return result;
  }
}

/** The suite's result for a person, a line each; the last one counts. */
export function tellResult({ passed, cannot, failed, outdated, unknown }: SuiteResult): string[] {
  const total = passed.length + cannot.length + failed.length;
  return [
    ...passed.map((test) => `  passes   ${test}`),
    ...cannot.map(({ test, why }) => `  cannot   ${test}: ${why}`),
    ...failed.map((test) => `  FAILS    ${test}`),
    ...outdated.map((test) => `  passes, so it must leave localstack/lacks.ts: ${test}`),
    ...unknown.map((test) => `  is listed in localstack/lacks.ts and exists no more: ${test}`),
    `${passed.length} of ${total} pass; ${cannot.length} cannot; ${failed.length} fail`,
  ];
}
