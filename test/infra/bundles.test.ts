import { describe, expect, it } from 'vitest';
import { BUNDLED_FUNCTIONS, functionBundles } from '../../infra/functions/function-bundles.ts';

/** Minified, before Lambda's zip (which makes a third of it): what Node reads at a cold start. */
const MAX_BYTES = 500 * 1000;

/** Packages that weigh, and the only functions that may hold them. */
const NAMED: Readonly<Record<string, readonly string[]>> = {
  // Draws the codes of sessions that are being linked.
  qrcode: ['sessions', 'callbacks', 'realtime', 'workers', 'users', 'admin', 'supervisor'],
};

const packagesOf = (sources: readonly string[]) => [
  ...new Set(sources.flatMap((file) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? [])),
];

/** Two seconds on an idle machine; tests run beside others. */
describe('bundles', { timeout: 120_000 }, () => {
  const holding = (isWrong: (name: string, packages: readonly string[], code: Buffer) => boolean) =>
    [...functionBundles()]
      .filter(([name, { code, sources }]) => isWrong(name, packagesOf(sources), Buffer.from(code)))
      .map(([name]) => name);

  it('exist for every function', () => {
    expect([...functionBundles().keys()].sort()).toEqual([...BUNDLED_FUNCTIONS].sort());
  });

  it('hold at most 500 KB each', () => {
    const large = [...functionBundles()].filter(([, { code }]) => code.byteLength > MAX_BYTES);
    expect(large.map(([name, { code }]) => `${name}: ${code.byteLength}`)).toEqual([]);
  });

  it('hold no client of the AWS SDK', () => {
    const isClient = (name: string) => /^@aws-sdk\/(client|lib)-|^@smithy\/node-http-handler$/.test(name);
    expect(holding((_, packages) => packages.some(isClient))).toEqual([]);
  });

  it.each(['pngjs', 'express', 'ws', 'prom-client', '@whiskeysockets/baileys'])(
    'hold nothing of %s',
    (name) => {
      expect(holding((_, packages) => packages.includes(name))).toEqual([]);
    },
  );

  it.each(Object.entries(NAMED))('hold %s only where it is used', (heavy, users) => {
    expect(holding((name, packages) => packages.includes(heavy) && !users.includes(name))).toEqual([]);
  });

  it('hold no path of the machine that made them', () => {
    expect(holding((_, __, code) => code.includes(process.cwd()))).toEqual([]);
  });
});
