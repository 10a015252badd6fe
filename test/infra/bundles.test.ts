import { beforeAll, describe, expect, it } from 'vitest';
import type { Bundle } from '../../infra/constructs/bundle.ts';
import { withLiteralKeys } from '../../infra/constructs/literal-keys.ts';
import { BUNDLED_FUNCTIONS, functionBundles } from '../../infra/functions/function-bundles.ts';

/** Minified, before Lambda's zip (which makes a third of it): what Node reads at a cold start. */
const MAX_BYTES = 850 * 1000;

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
  let bundles: Map<string, Bundle>;
  beforeAll(async () => {
    bundles = await functionBundles();
  });
  const holding = (isWrong: (name: string, packages: readonly string[], code: Buffer) => boolean) =>
    [...bundles]
      .filter(([name, { code, sources }]) => isWrong(name, packagesOf(sources), Buffer.from(code)))
      .map(([name]) => name);

  it('exist for every function', () => {
    expect([...bundles.keys()].sort()).toEqual([...BUNDLED_FUNCTIONS].sort());
  });

  it('hold at most 850 KB each', () => {
    const large = [...bundles].filter(([, { code }]) => code.byteLength > MAX_BYTES);
    expect(large.map(([name, { code }]) => `${name}: ${code.byteLength}`)).toEqual([]);
  });

  it('look for credentials in the environment only: no profile, no sign-on, no metadata service', () => {
    const isProvider = (name: string) =>
      /^@aws-sdk\/(credential-provider-|token-providers|nested-clients)|^@smithy\/credential-provider-/.test(
        name,
      );
    expect(holding((_, packages) => packages.some(isProvider))).toEqual([]);
  });

  it.each(['ListFunctions', 'ListBuckets', 'CreateEmailIdentity', 'ListQueueTags', 'ListBackups'])(
    'hold nothing of operations that nobody calls, such as %s',
    (operation) => {
      expect(holding((_, __, code) => code.includes(operation))).toEqual([]);
    },
  );

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

describe('the SDK’s descriptions of operations', () => {
  it('get the keys that they compute, and are otherwise left as they are', () => {
    const source = 'const _e = "error";\nexport var a = [{ [_e]: _e, [_other]: 1 }, [_e]];\n';
    expect(withLiteralKeys(source)).toBe(
      'const _e = "error";\nexport var a = [{ "error": _e, [_other]: 1 }, [_e]];\n',
    );
  });
});
