import type { Condition } from './condition.ts';

/** What one update does to an item. */
export interface Change {
  /** A value of `undefined` removes the attribute. */
  set?: Record<string, unknown>;
  setIfMissing?: Record<string, unknown>;
  /** Adds to a number, or members to a set. */
  add?: Record<string, number | ReadonlySet<string>>;
  /** Takes members out of a set. */
  subtract?: Record<string, ReadonlySet<string>>;
  /** Appends to a list, which is created where there is none. */
  append?: Record<string, readonly unknown[]>;
  condition?: Condition;
}

/**
 * Groups within groups of their own kind, or of one, say nothing: DynamoDB refuses parentheses that are
 * redundant, and dynalite's parser takes twice as long with each level.
 */
function flatten(op: 'all' | 'any', of: readonly Condition[]): Condition[] {
  return of.flatMap((part) => {
    if (part.op !== 'all' && part.op !== 'any') return [part];
    return part.op === op || part.of.length === 1 ? flatten(op, part.of) : [part];
  });
}

/** Collects the placeholders of one request; DynamoDB reserves hundreds of words, so every name gets one. */
export class Expression {
  readonly names: Record<string, string> = {};
  readonly values: Record<string, unknown> = {};
  readonly #aliases = new Map<string, string>();

  name(attribute: string): string {
    const known = this.#aliases.get(attribute);
    if (known !== undefined) return known;
    const alias = `#n${this.#aliases.size}`;
    this.#aliases.set(attribute, alias);
    this.names[alias] = attribute;
    return alias;
  }

  value(value: unknown): string {
    const alias = `:v${Object.keys(this.values).length}`;
    this.values[alias] = value;
    return alias;
  }

  /** @param within another group, which takes parentheses around this one */
  condition(condition: Condition, within = false): string {
    switch (condition.op) {
      case 'all':
      case 'any': {
        const parts = flatten(condition.op, condition.of).map((part) => this.condition(part, true));
        const text = parts.join(condition.op === 'all' ? ' AND ' : ' OR ');
        return within && parts.length > 1 ? `(${text})` : text;
      }
      case 'exists':
        return `attribute_exists(${this.name(condition.attribute)})`;
      case 'missing':
        return `attribute_not_exists(${this.name(condition.attribute)})`;
      case 'contains':
        return `contains(${this.name(condition.attribute)}, ${this.value(condition.value)})`;
      case 'size<':
        return `size(${this.name(condition.attribute)}) < ${this.value(condition.value)}`;
      case 'in':
        return `${this.name(condition.attribute)} IN (${condition.values.map((value) => this.value(value)).join(', ')})`;
      default:
        return `${this.name(condition.attribute)} ${condition.op} ${this.value(condition.value)}`;
    }
  }

  update(change: Change): string {
    const pairs = (record: Record<string, unknown> = {}) => Object.entries(record);
    const set = pairs(change.set).filter(([, value]) => value !== undefined);
    const remove = pairs(change.set).filter(([, value]) => value === undefined);
    const sections: [string, string[]][] = [
      [
        'SET',
        [
          ...set.map(([name, value]) => `${this.name(name)} = ${this.value(value)}`),
          ...pairs(change.setIfMissing).map(
            ([name, value]) => `${this.name(name)} = if_not_exists(${this.name(name)}, ${this.value(value)})`,
          ),
          ...pairs(change.append).map(
            ([name, value]) =>
              `${this.name(name)} = list_append(if_not_exists(${this.name(name)}, ${this.value([])}), ${this.value(value)})`,
          ),
        ],
      ],
      ['REMOVE', remove.map(([name]) => this.name(name))],
      ['ADD', pairs(change.add).map(([name, value]) => `${this.name(name)} ${this.value(value)}`)],
      ['DELETE', pairs(change.subtract).map(([name, value]) => `${this.name(name)} ${this.value(value)}`)],
    ];
    return sections
      .filter(([, parts]) => parts.length > 0)
      .map(([word, parts]) => `${word} ${parts.join(', ')}`)
      .join(' ');
  }
}
