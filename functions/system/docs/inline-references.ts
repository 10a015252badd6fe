type Json = unknown;

/** @throws Error where nothing stands under a reference of the form `#/a/b` */
function follow(document: Json, reference: string): Json {
  const found = reference
    .split('/')
    .slice(1)
    .reduce<Json>((place, name) => Object(place)[name], document);
  if (found === undefined) throw new Error(`The OpenAPI document has no ${reference}.`);
  return found;
}

/** A part of a document with what it refers to in place of each reference; documents of ours have no circles. */
export function inlineReferences(document: Json, part: Json): Json {
  if (Array.isArray(part)) return part.map((each) => inlineReferences(document, each));
  if (typeof part !== 'object' || part === null) return part;
  const { $ref, ...own } = part as Record<string, Json>;
  const whole =
    typeof $ref === 'string'
      ? { ...(inlineReferences(document, follow(document, $ref)) as object), ...own }
      : part;
  return Object.fromEntries(
    Object.entries(whole).map(([name, each]) => [
      name,
      // What names a reference as text stays as it is.
      name === 'discriminator' ? each : inlineReferences(document, each),
    ]),
  );
}
