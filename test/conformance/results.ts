import { readFile } from 'node:fs/promises';
import * as z from 'zod';

/** Schemathesis' own report of a run, as far as it is read. */
const Report = z.object({
  complete: z.boolean(),
  operations: z.object({ tested: z.number(), errored: z.number() }),
  test_cases: z.object({ generated: z.number() }),
  failures: z.array(
    z.object({ type: z.string(), title: z.string(), count: z.number(), operations: z.array(z.string()) }),
  ),
  errors: z.array(z.unknown()),
});

/** Answers by operation and status, as the hooks counted them. */
const Answers = z.record(z.string(), z.record(z.string(), z.number()));
type Answers = z.infer<typeof Answers>;

export interface CallerResult {
  caller: string;
  seconds: number;
  cases: number;
  serverErrors: number;
  limited: number;
  contradictions: { what: string; count: number; operations: string[] }[];
  answers: Answers;
  /** Why there is no report, or what else went wrong in schemathesis itself. */
  broken: string | undefined;
  /** What schemathesis printed. */
  output: string;
}

const sum = (numbers: readonly number[]) => numbers.reduce((all, each) => all + each, 0);

function countStatus(answers: Answers, matches: (status: number) => boolean): number {
  return sum(
    Object.values(answers).flatMap((byStatus) =>
      Object.entries(byStatus).flatMap(([status, count]) => (matches(Number(status)) ? [count] : [])),
    ),
  );
}

/** What a caller's run left behind. */
export async function readCaller(run: {
  caller: string;
  report: string;
  stats: string;
  output: string;
  seconds: number;
}): Promise<CallerResult> {
  const { caller, output } = run;
  const read = async (file: string): Promise<unknown> => JSON.parse(await readFile(file, 'utf8'));
  const seconds = Math.round(run.seconds);
  try {
    const report = Report.parse(await read(run.report));
    const answers = Answers.parse(await read(run.stats));
    const isWhole = report.complete && report.errors.length === 0 && report.operations.errored === 0;
    return {
      caller,
      seconds,
      output,
      answers,
      cases: report.test_cases.generated,
      serverErrors: countStatus(answers, (status) => status >= 500),
      limited: countStatus(answers, (status) => status === 429),
      contradictions: report.failures.map(({ title, count, operations }) => ({
        what: title,
        count,
        operations,
      })),
      broken: isWhole ? undefined : 'schemathesis did not come to its end without errors',
    };
  } catch (thrown) {
    const nothing = { cases: 0, serverErrors: 0, limited: 0, contradictions: [], answers: {} };
    return { caller, seconds, output, ...nothing, broken: String(thrown) };
  }
}

/** So many cases there must be in all. */
const MIN_CASES = 2_000;
/** More of these, and it was the limits that were tried, not the handlers. */
const MAX_LIMITED_SHARE = 0.02;

export interface Summary {
  ok: boolean;
  seed: string;
  seconds: number;
  cases: number;
  document: string;
  /** What was not good enough, as sentences. */
  problems: string[];
  callers: Omit<CallerResult, 'output' | 'answers'>[];
  /** Operations that no case succeeded at: their refusals were tried only. */
  neverSucceeded: string[];
  /** How many answers of 2xx each operation gave, over all callers. */
  successes: Record<string, number>;
}

export function summarize(
  results: readonly CallerResult[],
  about: { seed: string; document: string; operations: readonly string[]; isWhole: boolean },
): Summary {
  const { seed, document, operations, isWhole } = about;
  const successesOf = (operation: string) =>
    sum(
      results.map(({ answers }) =>
        countStatus({ it: answers[operation] ?? {} }, (status) => status >= 200 && status < 400),
      ),
    );
  const successes = Object.fromEntries(operations.map((operation) => [operation, successesOf(operation)]));
  const cases = sum(results.map((each) => each.cases));
  const never = operations.filter((operation) => successes[operation] === 0);
  const limited = sum(results.map((each) => each.limited));
  const problems = [
    ...results.flatMap(({ caller, broken }) => (broken === undefined ? [] : [`${caller}: ${broken}`])),
    ...results.flatMap(({ caller, serverErrors }) =>
      serverErrors === 0 ? [] : [`${caller}: ${serverErrors} answers of 5xx`],
    ),
    ...results.flatMap(({ caller, contradictions }) =>
      contradictions.map(({ what, operations: where }) => `${caller}: ${what}: ${where.join(', ')}`),
    ),
    ...(document === 'valid' ? [] : [`openapi-spec-validator: ${document}`]),
    ...(limited > cases * MAX_LIMITED_SHARE ? [`${limited} answers of 429`] : []),
    ...(isWhole && cases < MIN_CASES ? [`${cases} cases are fewer than ${MIN_CASES}`] : []),
  ];
  return {
    ok: problems.length === 0,
    seed,
    seconds: sum(results.map((each) => each.seconds)),
    cases,
    document,
    problems,
    callers: results.map(({ output: _, answers: __, ...shown }) => shown),
    neverSucceeded: never,
    successes,
  };
}

/** For people. */
export function render(summary: Summary): string {
  const { callers, successes, problems, cases, seconds, document } = summary;
  const row = (cells: readonly (string | number)[]) =>
    cells.map((cell, index) => (index === 0 ? String(cell).padEnd(13) : String(cell).padStart(15))).join('');
  const list = Object.entries(successes).map(([operation, count]) => `${operation} ${count}`);
  return [
    row(['caller', 'cases', '5xx', 'contradictions', '429', 'seconds']),
    ...callers.map((each) =>
      row([
        each.caller,
        each.cases,
        each.serverErrors,
        sum(each.contradictions.map(({ count }) => count)),
        each.limited,
        each.seconds,
      ]),
    ),
    row(['all', cases, '', '', '', seconds]),
    '',
    `openapi-spec-validator: ${document}`,
    `answers of 2xx by operation: ${list.join(', ')}`,
    `without any: ${summary.neverSucceeded.join(', ') || 'none'}`,
    ...(problems.length === 0 ? ['nothing contradicts the document'] : ['', ...problems]),
  ].join('\n');
}
