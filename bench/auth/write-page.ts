import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { type Bar, drawBars } from './draw-bars.ts';
import { type KillRun, readKillRuns, sumKillRuns } from './kill-runs.ts';

export const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));
const TEMPLATE = join(REPOSITORY, 'docs', 'durability.md');
const [BEGIN, END] = ['<!-- figures: written by bench/auth/write-page.ts -->', '<!-- end of figures -->'];

const Target = z.object({
  name: z.string(),
  value: z.number(),
  target: z.number(),
  atLeast: z.boolean().optional(),
  met: z.boolean(),
});
const Result = z.object({
  name: z.string(),
  at: z.string(),
  machine: z.object({ cpus: z.number(), model: z.string(), node: z.string() }),
  figures: z.record(z.string(), z.unknown()),
  targets: z.array(Target),
});
type Result = z.infer<typeof Result>;

const TrafficRow = z.object({
  addressing: z.string().optional(),
  latencyMs: z.number(),
  undecryptable: z.number(),
  lost: z.number(),
  twice: z.number(),
});
const Traffic = z.object({
  messages: z.number(),
  rows: z.array(TrafficRow),
  control: TrafficRow.extend({ messages: z.number() }).optional(),
});
const Latency = z.object({ bareSendMs: z.number(), putMs: z.number(), sendMs: z.number() });

async function readResults(folder: string) {
  const names = (await readdir(folder)).filter((name) => /^auth-(?!kills-).*\.json$/.test(name)).sort();
  const results = names.map(async (name) =>
    Result.parse(JSON.parse(await readFile(join(folder, name), 'utf8'))),
  );
  return { results: await Promise.all(results), kills: await readKillRuns(folder) };
}

/**
 * Puts the figures of `results` into the page and its charts, in the folder `docs`.
 * Answers the page's path.
 */
export async function writePage({ results, docs }: { results: string; docs: string }): Promise<string> {
  const read = await readResults(results);
  const template = await readFile(TEMPLATE, 'utf8');
  const [head, rest] = [template.slice(0, template.indexOf(BEGIN)), template.slice(template.indexOf(END))];
  if (!template.includes(BEGIN) || !template.includes(END))
    throw new Error(`${TEMPLATE} has lost the marks between which the figures stand.`);
  await mkdir(join(docs, 'images'), { recursive: true });
  const charts = chartsOf(read.results);
  for (const { file, svg } of charts) await writeFile(join(docs, 'images', file), svg);
  const pictures = charts.map(({ file, title }) => `![${title}](images/${file})\n`);
  const body = [targetsTable(read.results), killsTable(read.kills), trafficTable(read.results), ...pictures];
  const page = join(docs, 'durability.md');
  await writeFile(page, `${head}${BEGIN}\n\n${body.filter(Boolean).join('\n')}\n${rest}`);
  return page;
}

function table(head: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const line = (cells: readonly unknown[]) => `| ${cells.join(' | ')} |`;
  return `${[line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')}\n`;
}

function targetsTable(results: readonly Result[]): string {
  const [first] = results;
  const machine = first && `${first.machine.cpus} × ${first.machine.model}, Node ${first.machine.node}`;
  const rows = results.flatMap(({ name, at, targets }) =>
    targets.map(({ name: what, value, target, atLeast, met }) => [
      ...[what, value, `${atLeast ? 'at least' : 'at most'} ${target}`],
      ...[met ? 'yes' : '**no**', `\`${name}.ts\`, ${at.slice(0, 10)}`],
    ]),
  );
  return `Measured on ${machine}.\n\n${table(['figure', 'measured', 'bound', 'met', 'printed by'], rows)}`;
}

function killsTable(kills: readonly KillRun[]): string {
  if (kills.length === 0) return '';
  const all = sumKillRuns(kills);
  const rows = Object.entries(all.outcome).map(([name, sum]) => [
    name,
    ...kills.map(({ outcome }) => outcome[name] ?? '–'),
    sum,
  ]);
  const head = kills.map(
    ({ kills: n, addressing, seed, backlog }) =>
      `${n} rounds, ${addressing}, seed ${seed}${backlog > 0 ? `, ${backlog} messages waiting` : ''}`,
  );
  return `Rounds of \`npm run chaos\`, most of which end with kill -9:\n\n${table(['', ...head, `all ${all.kills} rounds`], rows)}`;
}

function trafficOf(results: readonly Result[]) {
  const found = results.find(({ name }) => name === 'traffic');
  return found === undefined ? undefined : Traffic.parse(found.figures);
}

function trafficTable(results: readonly Result[]): string {
  const traffic = trafficOf(results);
  if (traffic === undefined) return '';
  const row = (store: string, messages: number, each: z.infer<typeof TrafficRow>) => [
    ...[store, each.addressing ?? 'lid', each.latencyMs, messages],
    ...[each.undecryptable, each.lost, each.twice],
  ];
  const rows = traffic.rows.map((each) => row('journal', traffic.messages, each));
  if (traffic.control) rows.push(row('stock key store (control)', traffic.control.messages, traffic.control));
  const head = ['store', 'addressing', 'latency ms', 'messages each way', 'undecryptable', 'lost', 'twice'];
  return `Two-way traffic on one chat:\n\n${table(head, rows)}`;
}

function chartsOf(results: readonly Result[]): { file: string; title: string; svg: string }[] {
  const charts: { file: string; title: string; svg: string }[] = [];
  const add = (file: string, title: string, bars: Bar[]) =>
    charts.push({ file, title, svg: drawBars(title, bars) });
  const traffic = trafficOf(results);
  if (traffic !== undefined) {
    const share = (each: { undecryptable: number }, messages: number) =>
      (100 * each.undecryptable) / (2 * messages);
    const bars = traffic.rows.map((each) => ({
      label: `journal, ${each.addressing}, ${each.latencyMs} ms`,
      value: share(each, traffic.messages),
    }));
    if (traffic.control)
      bars.push({
        label: `stock store, ${traffic.control.latencyMs} ms`,
        value: share(traffic.control, traffic.control.messages),
      });
    add('durability-traffic.svg', 'Undecryptable messages of a two-way chat, in %', bars);
  }
  const latency = Latency.safeParse(results.find(({ name }) => name === 'latency')?.figures);
  if (latency.success)
    add('durability-latency.svg', 'Median send until acknowledged, in ms', [
      { label: 'bare Baileys', value: latency.data.bareSendMs },
      { label: 'one PUT', value: latency.data.putMs },
      { label: 'with the journal', value: latency.data.sendMs },
    ]);
  return charts;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  console.log(
    await writePage({ results: join(REPOSITORY, 'bench', 'results'), docs: join(REPOSITORY, 'docs') }),
  );
