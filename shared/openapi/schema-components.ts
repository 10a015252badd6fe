import { isDeepStrictEqual } from 'node:util';
import type * as z from 'zod';
import { COMPONENTS, type Converted, convertAll, type Json, mapReferences } from './json-schema.ts';

/** Schemas by a key of the caller's. */
export type Schemas = Readonly<Record<string, z.ZodType>>;

export interface SchemaComponents {
  /** What callers send, by key: a reference where it has a name. */
  sent: Record<string, Json>;
  /** What callers are answered, by key. */
  answered: Record<string, Json>;
  /** Every named schema, for `components.schemas`. */
  schemas: Record<string, Json>;
}

const refersTo = (json: Json, names: ReadonlySet<string>) =>
  [...JSON.stringify(json).matchAll(/"#\/\$defs\/([\w.-]+)"/g)].some(([, name = '']) => names.has(name));

/** Names under which callers send something else than they are answered, by itself or by what it is made of. */
function differing(sent: Converted, answered: Converted): ReadonlySet<string> {
  const shared = Object.keys(sent.named).filter((name) => Object.hasOwn(answered.named, name));
  const names = new Set(shared.filter((name) => !isDeepStrictEqual(sent.named[name], answered.named[name])));
  for (let before = -1; before !== names.size; ) {
    before = names.size;
    for (const name of shared) if (refersTo(sent.named[name] ?? {}, names)) names.add(name);
  }
  return names;
}

/**
 * Named schemas of requests and answers in one list. What is sent in another form than it is answered (a default
 * may be left out, say) is named `…Input`.
 */
export function toSchemaComponents(requests: Schemas, answers: Schemas): SchemaComponents {
  const [sent, answered] = [convertAll(requests, 'input'), convertAll(answers, 'output')];
  const different = differing(sent, answered);
  const inputName = (name: string) => (different.has(name) ? `${name}Input` : name);
  const asSent = mapReferences(sent, inputName, COMPONENTS);
  const asAnswered = mapReferences(answered, (name) => name, COMPONENTS);
  const named = Object.entries(asSent.named).map(([name, schema]) => [inputName(name), schema]);
  return {
    sent: asSent.given,
    answered: asAnswered.given,
    schemas: { ...asAnswered.named, ...Object.fromEntries(named) },
  };
}
