import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { formatLogLine } from '../../../local/logs/format-log-line.ts';
import { openLogBook } from '../../../local/logs/open-log-book.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const line = (level: string, msg: string, rest: object = {}) =>
  JSON.stringify({ level, time: Date.parse('2026-01-01T10:20:30.456Z'), msg, ...rest });

describe('formatLogLine', () => {
  it('formatLogLine makes a readable line of a structured one', () => {
    expect(formatLogLine(line('info', 'listening', { port: 8001, pid: 5, hostname: 'h' }), 30)).toEqual({
      level: 30,
      text: '10:20:30.456  info   listening  port=8001',
    });
  });

  it('formatLogLine puts an error’s stack below', () => {
    const { text } = formatLogLine(line('error', 'failed', { err: { stack: 'Error: no\n    at here' } }), 30);
    expect(text).toContain('failed\n    Error: no\n    at here');
  });

  it('formatLogLine passes on what is no log line', () => {
    for (const odd of ['plain words', '{"no":"level"}', '{"level":"odd"}', 'null'])
      expect(formatLogLine(odd, 40)).toEqual({ level: 40, text: odd });
  });
});

describe('openLogBook', () => {
  it('openLogBook keeps everything in a file each, and shows what needs attention', async () => {
    const folder = temporaryFolder();
    const shown: string[] = [];
    const logs = openLogBook(folder, (text) => shown.push(text));
    logs.write('worker-1', line('info', 'quiet'));
    logs.write('worker-1', line('warn', 'careful'));
    await logs.close();
    const kept = readFileSync(join(folder, 'worker-1.log'), 'utf8');
    expect(kept).toMatch(/quiet\n.*careful\n/);
    expect(shown).toEqual([expect.stringMatching(/worker-1.*careful/)]);
  });

  it('openLogBook shows what a process says on its way out, whatever its form', async () => {
    const shown = Promise.withResolvers<string>();
    const logs = openLogBook(undefined, shown.resolve);
    logs.follow('worker-1', Readable.from(['Port 8001 is in use\n']), 40);
    expect(await shown.promise).toContain('Port 8001 is in use');
  });
});
