import { describe, expect, it } from 'vitest';
import { BUNDLED_FUNCTIONS, functionBundles } from '../../infra/functions/function-bundles.ts';

/**
 * Minified, before Lambda's zip (which makes a third of it): what Node reads at a cold start. A ratchet: raise
 * it for nothing less than a reason.
 */
const MAX_BYTES = 800 * 1000;

/** Two seconds on an idle machine; tests run beside others. */
describe('bundles', { timeout: 120_000 }, () => {
  it('exist for every function, and stay small', () => {
    const bundles = functionBundles();
    expect([...bundles.keys()].sort()).toEqual([...BUNDLED_FUNCTIONS].sort());
    const large = [...bundles].filter(([, { byteLength }]) => byteLength > MAX_BYTES);
    expect(large.map(([name, { byteLength }]) => `${name}: ${byteLength}`)).toEqual([]);
  });

  it('hold no path of the machine that made them', () => {
    const telling = [...functionBundles()].filter(([, bundle]) =>
      Buffer.from(bundle).includes(process.cwd()),
    );
    expect(telling.map(([name]) => name)).toEqual([]);
  });
});
