import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { buildSync } from 'esbuild';

export const REPOSITORY_ROOT = join(import.meta.dirname, '../..');

/** CommonJS packages inside an ESM bundle call `require`; Node gives none to modules. */
const REQUIRE_BANNER =
  "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);";

/** Clients that Lambda's runtime brings along: bundled where they are dependencies, else taken from there. */
const RUNTIME_CLIENTS = ['@aws-sdk/client-lambda', '@aws-sdk/client-secrets-manager'];
const { resolve } = createRequire(join(REPOSITORY_ROOT, 'package.json'));

function isInstalled(name: string): boolean {
  try {
    return resolve(name) !== '';
  } catch {
    return false;
  }
}

/** Parts of packages that no Lambda function can use, and what stands in their place. */
const LEFT_OUT = {
  '@aws-sdk/credential-provider-node': join(REPOSITORY_ROOT, 'infra/lambda-runtime/env-credentials.ts'),
  'thread-stream': join(REPOSITORY_ROOT, 'infra/lambda-runtime/no-worker-threads.ts'),
};

/** One minified module from the text of an entry whose imports are relative to the repository. */
export function bundleText(entry: string): Uint8Array {
  const result = buildSync({
    stdin: { contents: entry, resolveDir: REPOSITORY_ROOT, loader: 'ts', sourcefile: 'entry.ts' },
    bundle: true,
    minify: true,
    write: false,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    banner: { js: REQUIRE_BANNER },
    external: RUNTIME_CLIENTS.filter((name) => !isInstalled(name)),
    alias: LEFT_OUT,
    legalComments: 'none',
    logLevel: 'error',
  });
  const [output] = result.outputFiles;
  if (output === undefined) throw new Error('esbuild answered without an output file');
  return output.contents;
}

/**
 * A Lambda package bundled in this process while the app is synthesized: no Docker, no child process.
 * The asset's hash is that of the output, so an unchanged function is never deployed again.
 */
export function bundledCode(name: string, entry: string): Code {
  return Code.fromAsset(join(REPOSITORY_ROOT, 'infra/functions'), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      image: DockerImage.fromRegistry('unused'),
      // CDK keeps one asset per set of options: the name keeps two functions apart.
      command: [name],
      local: {
        tryBundle(outputDir) {
          writeFileSync(join(outputDir, 'index.mjs'), bundleText(entry));
          return true;
        },
      },
    },
  });
}
