/**
 * For `.meta()` of a change: at least one of these must be there. `minProperties` would not say it, since what a body
 * holds besides is ignored.
 */
export const someOf = (...names: readonly string[]) => ({
  anyOf: names.map((name) => ({ required: [name] })),
});
