/** What must hold for a write to happen, as data. An absent attribute fulfils no comparison. */
export type Condition =
  | { op: 'exists' | 'missing'; attribute: string }
  | { op: '=' | '<>' | '<' | '<=' | '>'; attribute: string; value: unknown }
  | { op: 'in'; attribute: string; values: readonly unknown[] }
  | { op: 'contains'; attribute: string; value: string }
  | { op: 'size<'; attribute: string; value: number }
  | { op: 'all' | 'any'; of: readonly Condition[] };

export const exists = (attribute: string): Condition => ({ op: 'exists', attribute });
export const missing = (attribute: string): Condition => ({ op: 'missing', attribute });
export const equals = (attribute: string, value: unknown): Condition => ({ op: '=', attribute, value });
export const below = (attribute: string, value: number | string): Condition => ({
  op: '<',
  attribute,
  value,
});
export const atMost = (attribute: string, value: number | string): Condition => ({
  op: '<=',
  attribute,
  value,
});
export const above = (attribute: string, value: number | string): Condition => ({
  op: '>',
  attribute,
  value,
});
export const oneOf = (attribute: string, values: readonly unknown[]): Condition => ({
  op: 'in',
  attribute,
  values,
});
export const contains = (attribute: string, value: string): Condition => ({
  op: 'contains',
  attribute,
  value,
});
export const sizeBelow = (attribute: string, value: number): Condition => ({ op: 'size<', attribute, value });
export const all = (...of: readonly Condition[]): Condition => ({ op: 'all', of });
export const any = (...of: readonly Condition[]): Condition => ({ op: 'any', of });

/** Holds where the attribute has this value, or is absent and the value is undefined. */
export const matches = (attribute: string, value: unknown): Condition =>
  value === undefined ? missing(attribute) : equals(attribute, value);
