import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { Condition } from '../../shared/table/condition.ts';
import type { Change } from '../../shared/table/expression.ts';
import type { Table } from '../../shared/table/table.ts';
import { type LocalTable, startLocalTable } from '../../testing/control-plane/local-table.ts';
import { installVirtualGlobals } from './engine/virtual-globals.ts';
import { VirtualTime } from './engine/virtual-time.ts';
import { ModelTable } from './models/model-table.ts';

const Anything = z.record(z.string(), z.unknown());
const NAMES = ['a', 'b', 'n', 'm', 'list'] as const;

const name = fc.constantFrom(...NAMES);
const text = fc.constantFrom('x', 'y', 'xy');
const number = fc.integer({ min: -2, max: 3 });
const value = fc.oneof(text, number);

const leaf: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({ op: fc.constantFrom('exists' as const, 'missing' as const), attribute: name }),
  fc.record({
    op: fc.constantFrom('=' as const, '<' as const, '<=' as const, '>' as const),
    attribute: name,
    value,
  }),
  fc.record({
    op: fc.constant('in' as const),
    attribute: name,
    values: fc.array(value, { minLength: 1, maxLength: 3 }),
  }),
);
const condition: fc.Arbitrary<Condition> = fc.oneof(
  leaf,
  fc.record({
    op: fc.constantFrom('all' as const, 'any' as const),
    of: fc.array(leaf, { minLength: 1, maxLength: 3 }),
  }),
);

/** Each attribute is changed in one way at most, as DynamoDB demands. */
const change: fc.Arbitrary<Change> = fc.record({
  set: fc.dictionary(fc.constantFrom('a', 'b'), fc.option(value, { nil: undefined }), { minKeys: 1 }),
  setIfMissing: fc.dictionary(fc.constantFrom('m'), value),
  add: fc.dictionary(fc.constantFrom('n'), number),
  append: fc.dictionary(fc.constantFrom('list'), fc.array(text, { maxLength: 2 })),
});

const key = fc.record({ pk: fc.constantFrom('p', 'q'), sk: fc.constantFrom('1', '2') });
const indexed = fc.record({ gsi1pk: fc.constantFrom('i', 'j'), gsi1sk: fc.constantFrom('1', '2', '3') });

type Operation = (table: Table) => Promise<unknown>;
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc
    .tuple(
      key,
      fc.dictionary(fc.constantFrom('a', 'b', 'm'), value),
      fc.option(indexed),
      fc.option(condition),
    )
    .map(([where, item, index, only]): Operation => {
      return (table) => table.put({ ...item, ...index, ...where }, only ?? undefined);
    }),
  fc.tuple(key, change, fc.option(condition)).map(([where, what, only]): Operation => {
    const whole = only === null ? what : { ...what, condition: only };
    return (table) => table.update(where, whole, Anything);
  }),
  fc.tuple(key, fc.option(condition)).map(([where, only]): Operation => {
    return (table) => table.delete(where, only ?? undefined);
  }),
  key.map(
    (where): Operation =>
      (table) =>
        table.get(where, Anything),
  ),
  fc
    .record({ pk: fc.constantFrom('p', 'q'), after: fc.option(fc.constantFrom('1'), { nil: undefined }) })
    .map(
      (options): Operation =>
        (table) =>
          table.query({ ...options, limit: 2 }, Anything),
    ),
  fc.constantFrom('i', 'j').map(
    (pk): Operation =>
      (table) =>
        table.query({ pk, index: 'gsi1' }, z.object({ gsi1sk: z.string() })),
  ),
);

/** On a host of its own, with all the time that it takes. */
async function onHost<T>(work: () => Promise<T>): Promise<T> {
  const time = new VirtualTime(1);
  const result = time.newHost('test').run(work);
  await time.runUntil(1_000);
  return await result;
}

describe('the table in memory', () => {
  let local: LocalTable;
  let uninstall: () => void;
  beforeAll(async () => {
    local = await startLocalTable();
    uninstall = installVirtualGlobals();
  });
  afterAll(async () => {
    uninstall();
    await local.close();
  });

  it('answers every operation as a DynamoDB table does', { timeout: 240_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { minLength: 1, maxLength: 25 }), async (operations) => {
        for (const pk of ['p', 'q']) for (const sk of ['1', '2']) await local.table.delete({ pk, sk });
        const model = new ModelTable();
        for (const operate of operations)
          expect(await onHost(() => operate(model))).toEqual(await operate(local.table));
      }),
      { numRuns: 40 },
    );
  });
});
