import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { installVirtualGlobals } from './engine/virtual-globals.ts';
import { drawHistory } from './history/draw-history.ts';
import { runHistory } from './history/run-history.ts';
import { shrinkHistory } from './history/shrink-history.ts';
import { explain, showHistory, tellSeed } from './history/tell-seeds.ts';
import { prepareHandlers } from './parts/answer-request.ts';
import { SCRIPTED } from './scripted-histories.ts';

vi.mock('lru-cache', () => import('./engine/light-cache.ts'));

const SEEDS = 300;
const STEPS = 40;
const BATCH = 30;
const BATCHES = Array.from(
  { length: SEEDS / BATCH },
  (_, index) => [index * BATCH + 1, (index + 1) * BATCH] as const,
);

describe('a history', () => {
  let uninstall: () => void;
  beforeAll(async () => {
    await prepareHandlers();
    uninstall = installVirtualGlobals();
  });
  afterAll(() => uninstall());

  it('goes the same way each time it is told', async () => {
    const history = drawHistory(5, 80);
    const first = await runHistory(history, { isTraced: true });
    await runHistory(drawHistory(6, 80));
    const again = await runHistory(history, { isTraced: true });
    expect(first.trace.length).toBeGreaterThan(200);
    expect(again.trace).toEqual(first.trace);
  });

  it('that fails is cut down to the steps that it fails by', async () => {
    const history = drawHistory(3, 40);
    const needed = [history.steps[7], history.steps[31]];
    const { steps } = await shrinkHistory(history, async (other) =>
      needed.every((step) => step !== undefined && other.steps.includes(step)),
    );
    expect(steps).toEqual(needed);
  });

  it.each(SCRIPTED)('keeps every promise where $name', async ({ history, ignored = [] }) => {
    expect((await runHistory(history, { ignored })).violations).toEqual([]);
  });

  it.each(BATCHES)(
    `of ${STEPS} steps keeps every promise, drawn from any seed from %i to %i`,
    async (from, to) => {
      for (let seed = from; seed <= to; seed += 1) {
        const { violation } = await tellSeed(seed, { steps: STEPS });
        if (violation === undefined) continue;
        const { history } = await explain(drawHistory(seed, STEPS));
        expect.fail(`seed ${seed}: ${violation.invariant}: ${violation.detail}\n${showHistory(history)}`);
      }
    },
  );
});
