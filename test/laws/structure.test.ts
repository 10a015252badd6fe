import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findCircles, ROOT, readImports } from '../../testing/structure/import-graph.ts';

const imports = readImports();
const files = [...imports.keys()];
const isTest = (file: string) => file.startsWith('test/');
const isProduct = (file: string) => !/^(?:test|testing|bench)\//.test(file);
const textOf = (file: string) => readFileSync(join(ROOT, file), 'utf8');

/** What each folder may import beside itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  shared: [],
  functions: ['shared'],
  worker: ['shared'],
  sandbox: ['shared'],
};

describe('the finder of circles', () => {
  it('finds those that lead to one another, and no others', () => {
    const graph = new Map([
      ['a', ['b']],
      ['b', ['c', 'd']],
      ['c', ['a']],
      ['d', ['e']],
      ['e', []],
      ['f', ['g']],
      ['g', ['f']],
    ]);
    expect(findCircles(graph)).toEqual([
      ['a', 'b', 'c'],
      ['f', 'g'],
    ]);
  });
});

describe('the pages that say where to look', () => {
  it.each(['AGENTS.md', 'docs/where-to-look.md'])('%s names only paths that exist', (page) => {
    const named = [
      ...textOf(page).matchAll(
        /`((?:shared|functions|worker|sandbox|local|infra|testing|test|bench)\/[\w./-]*)`/g,
      ),
    ];
    const missing = named.map(([, path = '']) => path).filter((path) => !existsSync(join(ROOT, path)));
    expect(missing).toEqual([]);
  });
});

describe('the files of the project', () => {
  it('import one another in no circle, types included', () => {
    expect(findCircles(imports)).toEqual([]);
  });

  it('import nothing from test/ unless they are tests themselves', () => {
    const found = files.flatMap((file) =>
      isTest(file) ? [] : (imports.get(file) ?? []).filter(isTest).map((target) => `${file} -> ${target}`),
    );
    expect(found).toEqual([]);
  });

  it.each(Object.entries(MAY_IMPORT))(
    'of %s/ import from their own folder and %j only',
    (folder, allowed) => {
      const found = files
        .filter((file) => file.startsWith(`${folder}/`))
        .flatMap((file) =>
          (imports.get(file) ?? []).map((target) => ({ file, target, top: target.split('/')[0] })),
        )
        .filter(({ top }) => top !== folder && !allowed.includes(top ?? ''));
      expect(found).toEqual([]);
    },
  );

  it('read the environment in files named env.ts only', () => {
    const found = files.filter(
      (file) => isProduct(file) && !file.endsWith('/env.ts') && /\bprocess\.env\b/.test(textOf(file)),
    );
    expect(found).toEqual([]);
  });

  it('of the product are long enough to do more than forward: at most 40 of under 20 lines, handlers apart', () => {
    const small = files.filter((file) => {
      const text = textOf(file);
      return (
        isProduct(file) &&
        text.trimEnd().split('\n').length < 20 &&
        !/export const handler = implement\(/.test(text)
      );
    });
    expect(small.length, small.join('\n')).toBeLessThanOrEqual(40);
  });
});
