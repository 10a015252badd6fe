import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The modules of a guide by name: its blocks of JavaScript whose first line is `// name.mjs`. */
export async function readBlocks(guide: string): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(join(ROOT, 'docs', guide), 'utf8');
  const blocks = [...text.matchAll(/^```js\n\/\/ ([\w-]+\.mjs)\n(.*?)^```$/gms)];
  return new Map(blocks.map(([, name = '', code = '']) => [name, code]));
}

/** The same as files, from which the packages of this repository can be imported. @returns their folder */
export async function writeBlocks(guide: string): Promise<string> {
  const cache = join(ROOT, 'node_modules', '.cache');
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'guide-'));
  for (const [name, code] of await readBlocks(guide)) await writeFile(join(folder, name), code);
  return folder;
}
