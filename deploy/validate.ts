import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { installPythonTools } from '../localstack/python-tools.ts';
import { showHelp } from '../shared/program/show-help.ts';

const ROOT = join(import.meta.dirname, '..');
/** Of a checker that hangs: they take half a minute on an idle machine. */
const TIMEOUT_MS = 900_000;

interface Check {
  what: string;
  /** Paths from the repository's root. */
  files: readonly string[];
  program: string;
  args: readonly string[];
}

const found = (...patterns: string[]) => patterns.flatMap((pattern) => globSync(pattern, { cwd: ROOT }));

/** What is deployed, and by whose schema it is checked; all of them work without a network. */
function listChecks(): Check[] {
  const templates = found('cdk.out/*.template.json', 'cdk.out/assembly-*/*.template.json');
  const manifests = found('deploy/kubernetes/worker.yaml');
  const compose = found('deploy/compose/compose.yaml', 'localstack/compose.yaml');
  return [
    {
      what: 'CloudFormation templates (cfn-lint)',
      files: templates,
      program: 'cfn-lint',
      // Which templates, and what is ignored and why, stands in the file.
      args: ['--config-file', 'infra/cfnlintrc.yaml'],
    },
    {
      what: 'Kubernetes manifests (kubernetes-validate --strict)',
      files: manifests,
      program: 'kubernetes-validate',
      args: ['--strict', ...manifests],
    },
    {
      what: 'compose files (the Compose specification’s schema)',
      files: compose,
      program: 'check-jsonschema',
      args: ['--builtin-schema', 'vendor.compose-spec', ...compose],
    },
  ];
}

/** @throws Error with what the checker says */
function check(bin: string, { what, files, program, args }: Check): void {
  if (files.length === 0) throw new Error(`${what}: there is none; run "npm run synth" first.`);
  const { status, stdout, stderr } = spawnSync(join(bin, program), args, {
    cwd: ROOT,
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
  });
  if (status !== 0) throw new Error(`${what}:\n${stdout}${stderr}`);
  console.log(`${what}: ${files.length} without a finding`);
}

showHelp(`Holds the CloudFormation templates of the last "npm run synth", the Kubernetes manifests and the compose files against
their schemas. Needs python3 with venv; the checkers go into node_modules/.cache.

  npm run synth && node deploy/validate.ts

Prints a line for each kind, and ends with 1 where a checker finds something.`);

try {
  const bin = installPythonTools('deploy/requirements.txt');
  for (const each of listChecks()) check(bin, each);
} catch (thrown) {
  console.error(thrown instanceof Error ? thrown.message : String(thrown));
  process.exitCode = 1;
}
