import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (file: string) => readFileSync(root + file, 'utf8');

/** Every page that tells somebody to start a program. */
const pages = [
  ...['package.json', 'README.md', 'AGENTS.md', '.ci/run', 'localstack/README.md', 'deploy/README.md'],
  ...globSync('docs/**/*.md', { cwd: root }),
].map(read);
/** Those of ours that they name. */
const named = (pattern: RegExp) =>
  [
    ...new Set(pages.flatMap((text) => [...text.matchAll(pattern)].map(([, program = '']) => program))),
  ].toSorted();
const programs = named(/\bnode ([\w./-]+\.ts)\b/g);
const scripts = named(/(?<![\w./-])((?:[\w-]+\/)+[\w-]+\.sh)\b/g);

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

  it.each(scripts)('%s has one too, and does nothing when asked for it', (script) => {
    const help = execFileSync('bash', [root + script, '--help'], { encoding: 'utf8' });
    expect(help.split('\n')[0]).toMatch(/^[A-Z].{20,}/);
    expect(help).toContain(script);
  });

  it('a program is named by the pages at all', () => {
    expect(programs).toContain('bench/http-warm.ts');
    expect(scripts).toEqual(['test/browser/install.sh']);
  });
});
