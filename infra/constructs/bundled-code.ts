import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import type { BundledFunction } from '../functions/function-bundles.ts';
import { functionBundles } from '../functions/function-bundles.ts';
import { REPOSITORY_ROOT } from './bundle.ts';

/** CDK asks for packages in passing and waits for nothing, so that they are made before it begins. */
const bundles = await functionBundles();

/**
 * A Lambda package bundled in this process while the app is synthesized: no Docker, no child process.
 * The asset's hash is that of the output, so an unchanged function is never deployed again.
 */
export function bundledCode(name: BundledFunction): Code {
  return Code.fromAsset(join(REPOSITORY_ROOT, 'infra/functions'), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      image: DockerImage.fromRegistry('unused'),
      // CDK keeps one asset per set of options: the name keeps two functions apart.
      command: [name],
      local: {
        tryBundle(outputDir) {
          const bundle = bundles.get(name);
          if (bundle === undefined) throw new Error(`there is no bundle of ${name}`);
          writeFileSync(join(outputDir, 'index.mjs'), bundle.code);
          return true;
        },
      },
    },
  });
}
