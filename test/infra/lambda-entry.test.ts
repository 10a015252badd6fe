import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { handlerFile } from '../../functions/handler-file.ts';
import { backgroundEntry, lambdaEntry } from '../../infra/functions/lambda-entry.ts';
import { controlRoutes } from '../../shared/control-routes.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const groups = [...new Set(controlRoutes.map(({ group }) => group))];

/** What a bundle of this entry is made of; nothing is written. */
async function inputsOf(contents: string): Promise<string[]> {
  const { metafile } = await build({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    absWorkingDir: root,
    logLevel: 'silent',
  });
  return Object.keys(metafile.inputs);
}

describe('the entry of a Lambda function', () => {
  it.each(groups)('of the group %s holds its own handlers and no other group’s', async (group) => {
    const inputs = await inputsOf(lambdaEntry(group));
    const routes = controlRoutes.map((route) => ({
      isOwn: route.group === group,
      file: handlerFile(route),
    }));
    for (const { isOwn, file } of routes) expect([file, inputs.includes(file)]).toEqual([file, isOwn]);
  });

  it('the entry of a Lambda function behind the WebSocket API holds its function', async () => {
    expect(await inputsOf(backgroundEntry('realtime'))).toContain('functions/realtime/realtime-function.ts');
  });
});
