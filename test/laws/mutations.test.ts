import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../../testing/structure/import-graph.ts';
import { FAULTS } from '../mutations/faults.ts';

it('there are at least 60 deliberate faults, each with a name of its own', () => {
  expect(FAULTS.length).toBeGreaterThanOrEqual(60);
  expect(new Set(FAULTS.map(({ name }) => name)).size).toBe(FAULTS.length);
});

it('each deliberate fault changes one place of a file that exists, and names a test that exists', () => {
  const broken = FAULTS.filter(({ file, replace, by, test }) => {
    const isThere = existsSync(join(ROOT, file)) && existsSync(join(ROOT, test));
    return !isThere || replace === by || readFileSync(join(ROOT, file), 'utf8').split(replace).length !== 2;
  });
  expect(broken).toEqual([]);
});
