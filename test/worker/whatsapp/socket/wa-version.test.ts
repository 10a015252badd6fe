import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { PINNED_VERSION, VersionSource } from '../../../../worker/whatsapp/socket/wa-version.ts';

const NEWER: [number, number, number] = [2, 3000, 9_999_999_999];

let lines: { msg: string; reason?: string }[];
let log: pino.Logger;
beforeEach(() => {
  lines = [];
  log = pino({}, { write: (line: string) => lines.push(JSON.parse(line)) });
});

describe('the version of WhatsApp Web', () => {
  it('the version of WhatsApp Web is this release’s where none is set, and the one that is set otherwise, without asking anybody', async () => {
    const fetchLatest = () => Promise.reject(new Error('asked'));
    expect(await new VersionSource({ setting: undefined, fetchLatest, log }).current()).toEqual(
      PINNED_VERSION,
    );
    expect(await new VersionSource({ setting: NEWER, fetchLatest, log }).current()).toEqual(NEWER);
    expect(lines).toEqual([]);
  });

  it('the version of WhatsApp Web is looked up once under auto, and anew after it was refused', async () => {
    let lookups = 0;
    const fetchLatest = async () => {
      lookups += 1;
      return NEWER;
    };
    const source = new VersionSource({ setting: 'auto', fetchLatest, log });
    expect(await Promise.all([source.current(), source.current()])).toEqual([NEWER, NEWER]);
    expect(lookups).toBe(1);
    source.refresh();
    await source.current();
    expect(lookups).toBe(2);
  });

  it('the version of WhatsApp Web is this release’s where it cannot be looked up: with a line in the log, and no session hindered', async () => {
    const fetchLatest = () => Promise.reject(new Error('no answer', { cause: new Error('timed out') }));
    const source = new VersionSource({ setting: 'auto', fetchLatest, log });
    expect(await source.current()).toEqual(PINNED_VERSION);
    expect(lines).toMatchObject([
      { reason: 'Error: no answer; timed out', version: PINNED_VERSION.join('.') },
    ]);
    expect(lines[0]?.msg).toMatch(/could not be looked up/);
  });
});
