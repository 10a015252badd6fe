import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { LITERAL_KEYS } from './literal-keys.ts';

export const REPOSITORY_ROOT = join(import.meta.dirname, '../..');

/** CommonJS packages inside an ESM bundle call `require`; Node gives none to modules. */
const REQUIRE_BANNER =
  "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);";

/** Parts of packages that no Lambda function can use, and what stands in their place. */
const LEFT_OUT = Object.fromEntries(
  ['thread-stream', 'pngjs', '@aws-sdk/credential-provider-node'].map((name) => [
    name,
    join(REPOSITORY_ROOT, 'infra/lambda-runtime/left-out.ts'),
  ]),
);

/** Entries import relative to the repository; esbuild resolves them from a scratch folder. */
const fromScratch = (entry: string) => entry.replaceAll("from './", `from '${REPOSITORY_ROOT}/`);

export interface Bundle {
  /** Minified, with everything that it imports but Node's own modules. */
  code: Uint8Array;
  /** Files of which something is in the code, relative to the repository. */
  sources: string[];
}

/**
 * One minified module for each entry text. All in one go, since they share nearly everything that has to be
 * parsed. The same sources give the same bytes.
 */
export async function bundleAll(entries: Readonly<Record<string, string>>): Promise<Map<string, Bundle>> {
  const scratch = mkdtempSync(join(tmpdir(), 'gateway-entries-'));
  try {
    const names = Object.keys(entries);
    for (const name of names) writeFileSync(join(scratch, `${name}.ts`), fromScratch(entries[name] ?? ''));
    const { outputFiles, metafile } = await build({
      entryPoints: names.map((name) => join(scratch, `${name}.ts`)),
      outdir: scratch,
      outExtension: { '.js': '.mjs' },
      nodePaths: [join(REPOSITORY_ROOT, 'node_modules')],
      bundle: true,
      minify: true,
      write: false,
      metafile: true,
      absWorkingDir: REPOSITORY_ROOT,
      platform: 'node',
      target: 'node24',
      format: 'esm',
      mainFields: ['module', 'main'],
      banner: { js: REQUIRE_BANNER },
      alias: LEFT_OUT,
      plugins: [LITERAL_KEYS],
      legalComments: 'none',
      logLevel: 'error',
    });
    const inputsOf = new Map(
      Object.entries(metafile.outputs).map(([path, { inputs }]) => [basename(path), inputs]),
    );
    return new Map(
      outputFiles.map(({ path, contents }) => {
        const inputs = Object.entries(inputsOf.get(basename(path)) ?? {});
        const sources = inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([file]) => file);
        return [basename(path, '.mjs'), { code: contents, sources }];
      }),
    );
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
