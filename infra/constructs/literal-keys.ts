import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

const SCHEMAS = /@aws-sdk[\\/]client-[\w-]+[\\/]dist-es[\\/]schemas[\\/]schemas_\d+\.js$/;
const CONSTANT = /^const (_\w+) = "([^"\\]*)";$/gm;
const COMPUTED_KEY = /\[(_\w+)\]:/g;

/** `{ [_e]: 1 }` as `{ "error": 1 }`, where the file says what `_e` is. */
export function withLiteralKeys(source: string): string {
  const constants = new Map([...source.matchAll(CONSTANT)].map(([, name, text]) => [name, text]));
  return source.replace(COMPUTED_KEY, (whole, name: string) => {
    const text = constants.get(name);
    return text === undefined ? whole : `${JSON.stringify(text)}:`;
  });
}

/**
 * The SDK describes every operation of a service in one file, with computed keys, which esbuild takes for calls that
 * might do something: each client would bring all its operations along (aws/aws-sdk-js-v3, issue 7607).
 */
export const LITERAL_KEYS: Plugin = {
  name: 'literal-keys',
  setup(build) {
    build.onLoad({ filter: SCHEMAS }, async ({ path }) => ({
      contents: withLiteralKeys(await readFile(path, 'utf8')),
      loader: 'js',
    }));
  },
};
