import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readInheritedEnv, readLocalEnv } from '../../local/env.ts';
import { startLocal } from '../../local/start-local.ts';
import { installPythonTools } from '../../localstack/python-tools.ts';
import { controlRoutes } from '../../shared/control-routes.ts';
import { serveSink, serveSubjects } from './helper-servers.ts';
import { type CallerResult, readCaller, render, summarize } from './results.ts';
import { run } from './run-program.ts';
import {
  CALLERS,
  type CallerName,
  coveringCaller,
  createSubjects,
  mayCall,
  type Subjects,
} from './subjects.ts';

const HELP = `Runs schemathesis against the whole gateway on this machine, from the OpenAPI document it serves, once for each
kind of caller, and has openapi-spec-validator look at the document. Needs python3 with venv; the packages of
requirements.txt go into node_modules/.cache.

  node test/conformance/run.ts [--seed 1] [--callers user,nobody] [--fresh-keys] [--keep]

  --seed     makes the cases repeatable (20261121)
  --callers  some of ${CALLERS.join(', ')} (all)
  --fresh-keys
             an Idempotency-Key of its own for each case. Without, most cases of sending repeat a key with another
             body, as schemathesis draws them, and end with 409 before anything is sent; with it they send, and a
             run takes about twice as long
  --keep     leaves schemathesis' own reports, and says where

Prints a table and writes bench/results/conformance.json. Ends with 1 where anything contradicts the document.`;

const folderHere = fileURLToPath(new URL('.', import.meta.url));
const resultsFile = fileURLToPath(new URL('../../bench/results/conformance.json', import.meta.url));
/** Of one caller's run: two minutes on an idle machine. Its login ends a minute later. */
const CALLER_TIMEOUT_MS = 14 * 60_000;
/** Where nothing listens: whatever does not go to loopback fails. */
const NOWHERE = 'http://127.0.0.1:9';

interface Surroundings {
  bin: string;
  folder: string;
  seed: string;
  gatewayUrl: string;
  subjectsUrl: string;
  sinkUrl: string;
  subjects: Subjects;
  freshKeys: boolean;
}

/**
 * Every value at its bounds is tried by one caller of an operation, for whom it is made; what a caller may not do at
 * all is refused alike in every case, so a few are enough.
 */
async function writeConfig(caller: CallerName, folder: string): Promise<string> {
  const ids = controlRoutes.map(({ id }) => id);
  const refused = ids.filter((id) => !mayCall(caller, id));
  const covered = ids.filter((id) => mayCall(caller, id) && coveringCaller(id) !== caller);
  const without = (operations: readonly string[], maxExamples: number) =>
    operations.length === 0
      ? []
      : [
          '[[operations]]',
          `include-operation-id = ${JSON.stringify(operations)}`,
          'phases.coverage.enabled = false',
          `phases.fuzzing.generation.max-examples = ${maxExamples}`,
        ];
  const file = join(folder, `${caller}.toml`);
  const base = await readFile(`${folderHere}schemathesis.toml`, 'utf8');
  await writeFile(file, [base, ...without(refused, 3), ...without(covered, 4), ''].join('\n'));
  return file;
}

async function runCaller(caller: CallerName, around: Surroundings): Promise<CallerResult> {
  const { bin, folder, gatewayUrl, subjects } = around;
  const report = join(folder, `${caller}.json`);
  const stats = join(folder, `${caller}-answers.json`);
  const token = await subjects.tokenOf(caller);
  const startedAt = performance.now();
  const { output } = await run(
    join(bin, 'st'),
    [
      `--config-file=${await writeConfig(caller, folder)}`,
      'run',
      `${gatewayUrl}/api/v1/openapi.json`,
      `--seed=${around.seed}`,
      '--no-color',
      '--report=json',
      `--report-json-path=${report}`,
      ...(token === undefined ? [] : [`--header=Authorization: Bearer ${token}`]),
    ],
    {
      cwd: folder,
      timeoutMs: CALLER_TIMEOUT_MS,
      env: {
        ...readInheritedEnv(),
        HTTP_PROXY: NOWHERE,
        HTTPS_PROXY: NOWHERE,
        NO_PROXY: '127.0.0.1',
        PYTHONDONTWRITEBYTECODE: '1',
        PYTHONHASHSEED: '0',
        PYTHONPATH: folderHere,
        SCHEMATHESIS_HOOKS: 'hooks',
        CONFORMANCE_SUBJECTS_URL: around.subjectsUrl,
        CONFORMANCE_SINK_URL: around.sinkUrl,
        CONFORMANCE_CALLER: caller,
        CONFORMANCE_STATS: stats,
        CONFORMANCE_FRESH_KEYS: String(around.freshKeys),
        CONFORMANCE_KEPT: JSON.stringify(subjects.keptIds),
      },
    },
  );
  await writeFile(join(folder, `${caller}.txt`), output);
  const seconds = (performance.now() - startedAt) / 1000;
  return await readCaller({ caller, report, stats, output, seconds });
}

async function validateDocument({ bin, folder, gatewayUrl }: Surroundings): Promise<string> {
  const file = join(folder, 'openapi.json');
  const answer = await fetch(`${gatewayUrl}/api/v1/openapi.json`);
  await writeFile(file, await answer.text());
  const args = ['-m', 'openapi_spec_validator', '--schema', '3.1', file];
  const { code, output } = await run(join(bin, 'python'), args, { timeoutMs: 120_000 });
  return code === 0 ? 'valid' : output;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean', short: 'h' },
      'fresh-keys': { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      seed: { type: 'string', default: '20261121' },
      callers: { type: 'string', default: CALLERS.join(',') },
    },
  });
  if (values.help === true) {
    console.log(HELP);
    return;
  }
  const wanted = CALLERS.filter((caller) => values.callers.split(',').includes(caller));
  await using parts = new AsyncDisposableStack();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void parts.disposeAsync().finally(() => process.exit(1)));
  const bin = installPythonTools('test/conformance/requirements.txt');
  const folder = await mkdtemp(join(tmpdir(), 'conformance-'));
  if (values.keep) console.log(`reports: ${folder}`);
  else parts.defer(() => rm(folder, { recursive: true, force: true }));
  const runtime = await startLocal({
    env: { ...readLocalEnv(), LOG_LEVEL: 'error' },
    stateDir: undefined,
    fresh: false,
    live: false,
    workers: 2,
    ports: { gateway: 0, firstWorker: 0, sandboxControl: 0 },
    show: (line) => console.error(line),
  });
  parts.defer(() => runtime.close());
  const sink = await serveSink();
  parts.defer(() => sink.close());
  const subjects = await createSubjects(runtime, sink.url);
  const helper = await serveSubjects(subjects);
  parts.defer(() => helper.close());
  const around: Surroundings = {
    bin,
    folder,
    subjects,
    seed: values.seed,
    freshKeys: values['fresh-keys'],
    gatewayUrl: runtime.url,
    subjectsUrl: helper.url,
    sinkUrl: sink.url,
  };
  const document = await validateDocument(around);
  const results: CallerResult[] = [];
  for (const caller of wanted) results.push(await runCaller(caller, around));
  const summary = summarize(results, {
    document,
    seed: values.seed,
    operations: controlRoutes.map(({ id }) => id),
    isWhole: wanted.length === CALLERS.length,
  });
  for (const { broken, output } of results) if (broken !== undefined) console.log(output);
  console.log(render(summary));
  await writeFile(resultsFile, `${JSON.stringify(summary, undefined, 2)}\n`);
  if (!summary.ok) process.exitCode = 1;
}

await main();
