import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scalingFacts } from '../../infra/cost/busiest-hour.ts';
import { costTables } from '../../infra/cost/cost-tables.ts';
import { countAtRest } from '../../infra/cost/count-at-rest.ts';
import type { SynthesizedApp } from '../../testing/infra/synthesized-app.ts';

const page = (name: string) => readFileSync(join(import.meta.dirname, '../../docs', name), 'utf8');

const HOW = 'put what "npm run synth && npm run cost" prints into the page';

/** What the docs say of the app, where it can be computed. */
export function costLaws(app: () => SynthesizedApp): void {
  describe('docs/cost.md', () => {
    it('holds what `npm run cost` prints of the app as it is, and of what was measured', () => {
      const lines = page('cost.md').split('\n');
      const computed = costTables((stage) =>
        countAtRest(app().resources.filter((resource) => resource.stage === stage)),
      );
      expect(
        computed.filter((line) => !lines.includes(line)),
        HOW,
      ).toEqual([]);
    });
  });

  describe('docs/scaling.md', () => {
    it('names the rates that follow from what was measured of a message', () => {
      const text = page('scaling.md');
      expect(
        scalingFacts().filter((fact) => !text.includes(fact)),
        HOW,
      ).toEqual([]);
    });
  });
}
