import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (file: string) => readFileSync(root + file, 'utf8');

/** Every program of ours that somebody is told to start. */
const told = ['package.json', 'README.md', 'AGENTS.md', '.ci/run', 'localstack/README.md', 'deploy/README.md']
  .map(read)
  .flatMap((text) => [...text.matchAll(/\bnode ([\w./-]+\.ts)\b/g)].map(([, program = '']) => program));
const programs = [...new Set(told)].toSorted();

/** Where the help of a program stands that is more than its entry. */
const HELP_OF: Readonly<Record<string, string>> = { 'local/main.ts': 'local/parse-flags.ts' };
const HELP = /(?:showHelp\(|console\.log\(|(?:help|usage) = )`([^`]*)`/gi;

describe('a program', () => {
  it.each(programs)('%s has a --help that says what it does and shows a call of it', (program) => {
    const source = read(HELP_OF[program] ?? program);
    const help = [...source.matchAll(HELP)].map(([, text = '']) => text).find((text) => text.includes('\n'));
    expect(source).toMatch(/showHelp\(|\bhelp: \{ type: 'boolean'|\bhelp: flag\b|includes\('--help'\)/);
    expect(help?.split('\n')[0]).toMatch(/^[A-Z].{20,}/);
    expect(help).toMatch(new RegExp(`\\bnpm (?:start|run)\\b|\\bnode ${program}`));
  });
});
