import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createLogger } from '../../../shared/program/create-logger.ts';

const folder = join(import.meta.dirname, '../../../docs/runbooks');
const pages = readdirSync(folder).map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));

function linesOf(level: string): Record<string, unknown>[] {
  const lines: Record<string, unknown>[] = [];
  const log = createLogger(
    { level, base: { workerId: 'worker-001' } },
    { write: (line: string) => lines.push(JSON.parse(line)) },
  );
  log.info('as usual');
  log.child({ sessionId: 'ada-main' }).error({ reason: 'no answer' }, 'gone wrong');
  return lines;
}

/** What CloudWatch finds by `{ $.level = "a" || $.level = "b" }`. */
function matches(pattern: string, line: Record<string, unknown>): boolean {
  expect(pattern).toMatch(/^\{ \$\.level = "\w+"(?: \|\| \$\.level = "\w+")* \}$/);
  return [...pattern.matchAll(/"(\w+)"/g)].some(([, level]) => line['level'] === level);
}

describe('the log', () => {
  it('the log names levels by words, of child loggers too', () => {
    expect(linesOf('info')).toMatchObject([
      { level: 'info', workerId: 'worker-001', msg: 'as usual' },
      { level: 'error', workerId: 'worker-001', sessionId: 'ada-main', msg: 'gone wrong' },
    ]);
    expect(linesOf('error')).toHaveLength(1);
  });

  it('the log is filtered for errors by the one pattern that the runbooks name', () => {
    const patterns = pages.flatMap(({ text }) => text.match(/\{ \$\.[^}]*\}/g) ?? []);
    expect(patterns).toHaveLength(1);
    const [pattern = ''] = patterns;
    expect(linesOf('info').map((line) => matches(pattern, line))).toEqual([false, true]);
  });

  it('the log has no other name for it in any runbook', () => {
    expect(pages.filter(({ text }) => /level\s+`/.test(text)).map(({ name }) => name)).toEqual([]);
  });
});
