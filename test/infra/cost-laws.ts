import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { costTables } from '../../infra/cost/cost-tables.ts';
import { countAtRest } from '../../infra/cost/count-at-rest.ts';
import type { SynthesizedApp } from './synthesized-app.ts';

/** What the docs say of the app, where it can be computed. */
export function costLaws(app: () => SynthesizedApp): void {
  describe('docs/cost.md', () => {
    it('holds what `npm run cost` prints of the app as it is', () => {
      const lines = readFileSync(join(import.meta.dirname, '../../docs/cost.md'), 'utf8').split('\n');
      const computed = costTables((stage) =>
        countAtRest(app().resources.filter((resource) => resource.stage === stage)),
      );
      expect(computed.filter((line) => !lines.includes(line))).toEqual([]);
    });
  });
}
