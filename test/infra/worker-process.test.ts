import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { NODE_FLAGS } from '../../worker/env.ts';

const dockerfile = readFileSync(new URL('../../worker/Dockerfile', import.meta.url), 'utf8');
const line = [...NODE_FLAGS, 'worker/main.ts'].join(' ');

it('the image runs the very version of Node on which everything here is tested', () => {
  const images = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image);
  expect(manifest.devDependencies.node).toMatch(/^24\.\d+\.\d+$/);
  expect(new Set(images)).toEqual(new Set([`node:${manifest.devDependencies.node}-slim`]));
});

it('a worker is run with the same flags everywhere, and what is compiled for it is compiled for them', () => {
  expect(manifest.scripts.worker).toBe(`node ${line}`);
  expect(dockerfile).toContain(`RUN NODE_COMPILE_CACHE=compiled node ${line} --help`);
  const [, command = ''] = /^CMD (\[.*\])$/m.exec(dockerfile) ?? [];
  expect(JSON.parse(command)).toEqual(['node', ...NODE_FLAGS, 'worker/main.ts']);
});
