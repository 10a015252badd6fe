import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FAILURE_SENTENCES } from '../../../shared/openapi/failure-examples.ts';

const ROOT = join(import.meta.dirname, '../../..');
const sources = globSync('{functions,worker,shared}/**/*.ts', { cwd: ROOT })
  .filter((file) => !file.endsWith('failure-examples.ts'))
  .map((file) => readFileSync(join(ROOT, file), 'utf8'));

const VALUE = /\$\{[^}]*\}/;
/** Without a few words of its own, a template would say anything. */
const FEWEST_LETTERS = 7;
const templates = sources
  .flatMap((text) =>
    [...text.matchAll(/`([^`\n]*\$\{[^`\n]*)`/g)].map(([, template = '']) => template.split(VALUE)),
  )
  .filter((parts) => parts.join('').length >= FEWEST_LETTERS)
  .map((parts) => new RegExp(`^${parts.map((part) => RegExp.escape(part)).join('.*')}$`));

it.each(Object.entries(FAILURE_SENTENCES))(
  'the example of %s is a sentence that the code says',
  (_code, sentence) => {
    const isSaid =
      sources.some((text) => text.includes(`'${sentence}'`)) ||
      templates.some((template) => template.test(sentence));
    expect(isSaid, `nothing says: ${sentence}`).toBe(true);
  },
);
