export const SIDES = ['before', 'after'] as const;
export type Side = (typeof SIDES)[number];

type Compared<T> = { name: string } & Record<Side, T>;

export interface AwsClientFigures {
  bundles: readonly Compared<{ kb: number; importCpuMs: number }>[];
  warm: readonly Compared<{ p50Ms: number; p95Ms: number }>[];
  calls: Record<Side, Readonly<Record<string, number>>>;
}

const BEGIN = '<!-- bench/aws-clients.ts begins -->';
const END = '<!-- bench/aws-clients.ts ends -->';

const row = (...cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
const table = (head: readonly string[], rows: readonly string[]) =>
  [row(...head), row(...head.map(() => '---')), ...rows].join('\n');

/** The page with its tables drawn anew. @throws where it has no place for them */
export function drawTables(page: string, { bundles, warm, calls }: AwsClientFigures): string {
  const [start, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (start < 0 || end < start) throw new Error(`the page has no lines "${BEGIN}" and "${END}"`);
  const tables = [
    table(
      ['function', 'KB before', 'KB after', 'import before, ms of CPU', 'after'],
      bundles.map(({ name, before, after }) =>
        row(name, before.kb, after.kb, before.importCpuMs, after.importCpuMs),
      ),
    ),
    table(
      ['warm request', 'p50 before, ms', 'after', 'p95 before, ms', 'after'],
      warm.map(({ name, before, after }) => row(name, before.p50Ms, after.p50Ms, before.p95Ms, after.p95Ms)),
    ),
    table(
      ['', 'before', 'after'],
      Object.entries(calls.after).map(([what, count]) => row(what, calls.before[what] ?? '–', count)),
    ),
  ];
  return `${page.slice(0, start)}${BEGIN}\n\n${tables.join('\n\n')}\n\n${page.slice(end)}`;
}
