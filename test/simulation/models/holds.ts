import type { Condition } from '../../../shared/table/condition.ts';
import type { Change } from '../../../shared/table/expression.ts';

export type Item = Readonly<Record<string, unknown>>;

function compare(op: '=' | '<>' | '<' | '<=' | '>', found: unknown, value: unknown): boolean {
  if (op === '=') return found === value;
  if (op === '<>') return found !== value;
  const isOrdered =
    (typeof found === 'number' && typeof value === 'number') ||
    (typeof found === 'string' && typeof value === 'string');
  if (!isOrdered) return false;
  const [a, b] = [found, value] as [number, number];
  if (op === '<') return a < b;
  return op === '<=' ? a <= b : a > b;
}

function contains(found: unknown, value: string): boolean {
  if (typeof found === 'string') return found.includes(value);
  if (found instanceof Set) return found.has(value);
  return Array.isArray(found) && found.includes(value);
}

function sizeOf(found: unknown): number {
  if (typeof found === 'string') return Buffer.byteLength(found);
  if (found instanceof Set) return found.size;
  return Array.isArray(found) ? found.length : Number.NaN;
}

/** Whether a condition holds for an item, absent ones included, as DynamoDB judges it. */
export function holds(condition: Condition | undefined, item: Item | undefined): boolean {
  if (condition === undefined) return true;
  switch (condition.op) {
    case 'all':
      return condition.of.every((part) => holds(part, item));
    case 'any':
      return condition.of.some((part) => holds(part, item));
    case 'missing':
      return item?.[condition.attribute] === undefined;
    case 'exists':
      return item?.[condition.attribute] !== undefined;
    default:
      return fits(condition, item?.[condition.attribute]);
  }
}

type Comparison = Exclude<Condition, { op: 'all' | 'any' | 'missing' | 'exists' }>;

function fits(condition: Comparison, found: unknown): boolean {
  if (found === undefined) return condition.op === '<>';
  switch (condition.op) {
    case 'in':
      return condition.values.includes(found);
    case 'contains':
      return contains(found, condition.value);
    case 'size<':
      return sizeOf(found) < condition.value;
    default:
      return compare(condition.op, found, condition.value);
  }
}

const pairs = (record: Readonly<Record<string, unknown>> = {}) => Object.entries(record);

function added(found: unknown, value: number | ReadonlySet<string>): unknown {
  if (typeof value === 'number') return (typeof found === 'number' ? found : 0) + value;
  return new Set([...(found instanceof Set ? found : []), ...value]);
}

/** A set without members is no attribute. */
function without(found: unknown, members: ReadonlySet<string>): unknown {
  if (!(found instanceof Set)) return found;
  const left = found.difference(members);
  return left.size === 0 ? undefined : left;
}

/** The item after a change; without attributes that are undefined. */
export function changed(before: Item, change: Change): Item {
  const after: Record<string, unknown> = { ...before };
  for (const [name, value] of pairs(change.setIfMissing)) after[name] ??= value;
  for (const [name, value] of pairs(change.append))
    after[name] = [...((after[name] as unknown[] | undefined) ?? []), ...(value as unknown[])];
  for (const [name, value] of pairs(change.set)) after[name] = value;
  for (const [name, value] of Object.entries(change.add ?? {})) after[name] = added(after[name], value);
  for (const [name, value] of Object.entries(change.subtract ?? {}))
    after[name] = without(after[name], value);
  return stored(after);
}

/** As the table keeps it: what is undefined is not there. */
export function stored(item: Readonly<Record<string, unknown>>): Item {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(item)) if (value !== undefined) kept[name] = value;
  return kept;
}
