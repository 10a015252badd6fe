import type { SuiteResult } from './run-suite.ts';

/** The suite's result for a person, a line each; the last one counts. */
export function tellResult({ passed, cannot, failed, outdated, unknown }: SuiteResult): string[] {
  const total = passed.length + cannot.length + failed.length;
  return [
    ...passed.map((test) => `  passes   ${test}`),
    ...cannot.map(({ test, why }) => `  cannot   ${test}: ${why}`),
    ...failed.map((test) => `  FAILS    ${test}`),
    ...outdated.map((test) => `  passes, so it must leave localstack/cannot.ts: ${test}`),
    ...unknown.map((test) => `  is listed in localstack/cannot.ts and exists no more: ${test}`),
    `${passed.length} of ${total} pass; ${cannot.length} cannot; ${failed.length} fail`,
  ];
}
