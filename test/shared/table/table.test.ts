import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { AwsFailure } from '../../../shared/aws/aws-failure.ts';
import {
  all,
  any,
  below,
  equals,
  exists,
  missing,
  oneOf,
  sizeBelow,
} from '../../../shared/table/condition.ts';
import type { Expression } from '../../../shared/table/expression.ts';
import { openTable } from '../../../shared/table/table.ts';
import { type LocalTable, startLocalTable } from '../../../testing/control-plane/local-table.ts';

const Item = z.object({
  pk: z.string(),
  count: z.number().optional(),
  name: z.string().optional(),
  tags: z.set(z.string()).default(new Set()),
  log: z.array(z.string()).optional(),
});

let local: LocalTable;
beforeAll(async () => {
  local = await startLocalTable();
});
afterAll(() => local.close());

describe('the table', () => {
  it('makes an item once', async () => {
    const item = { pk: 'a', sk: 'a', count: 1 };
    expect(await local.table.put(item, missing('pk'))).toBe(true);
    expect(await local.table.put({ ...item, count: 2 }, missing('pk'))).toBe(false);
    expect(await local.table.get(item, Item)).toMatchObject({ count: 1 });
  });

  it('sets, removes, counts, appends and keeps sets in one write', async () => {
    const key = { pk: 'b', sk: 'b' };
    await local.table.put({ ...key, name: 'old' });
    const change = {
      set: { name: undefined },
      setIfMissing: { count: 5 },
      add: { tags: new Set(['x', 'y']) },
      append: { log: ['first'] },
    };
    const after = await local.table.update(key, change, Item);
    expect(after).toEqual({ pk: 'b', count: 5, tags: new Set(['x', 'y']), log: ['first'] });
    const again = await local.table.update(
      key,
      { setIfMissing: { count: 6 }, subtract: { tags: new Set(['x', 'y']) }, append: { log: ['second'] } },
      Item,
    );
    expect(again).toEqual({ pk: 'b', count: 5, tags: new Set(), log: ['first', 'second'] });
  });

  it('changes nothing where the condition does not hold', async () => {
    const key = { pk: 'c', sk: 'c' };
    await local.table.put({ ...key, count: 3, tags: new Set(['x']) });
    const attempt = (condition: Parameters<Expression['condition']>[0]) =>
      local.table.update(key, { set: { name: 'changed' }, condition }, Item);
    expect(await attempt(equals('count', 4))).toBeUndefined();
    expect(await attempt(all(exists('pk'), below('count', 3)))).toBeUndefined();
    expect(await attempt(sizeBelow('tags', 1))).toBeUndefined();
    expect(await attempt(oneOf('count', [1, 2]))).toBeUndefined();
    expect(await local.table.get(key, Item)).not.toHaveProperty('name');
    expect(await attempt(any(missing('pk'), oneOf('count', [3])))).toMatchObject({ name: 'changed' });
  });

  it('takes conditions that nest in groups of one', async () => {
    const key = { pk: 'nested', sk: 'nested' };
    const nested = any(all(any(missing('pk'), equals('count', 1))));
    expect(await local.table.put({ ...key, count: 1 }, nested)).toBe(true);
    expect(await local.table.put({ ...key, count: 2 }, nested)).toBe(true);
    expect(await local.table.put({ ...key, count: 3 }, nested)).toBe(false);
  });

  it('reads more items than one batch holds, each once', async () => {
    const keys = Array.from({ length: 130 }, (_, index) => ({ pk: `many-${index}`, sk: 'x' }));
    await Promise.all(keys.map((key) => local.table.put(key)));
    const found = await local.table.getMany([...keys, ...keys], Item);
    expect(new Set(found.map(({ pk }) => pk)).size).toBe(130);
    expect(found).toHaveLength(130);
  });

  it('follows the sparse index and leaves out what is not in it', async () => {
    await local.table.put({ pk: 'i1', sk: 'x', gsi1pk: 'P', gsi1sk: '1' });
    await local.table.put({ pk: 'i2', sk: 'x' });
    await local.table.put({ pk: 'i3', sk: 'x', gsi1pk: 'P', gsi1sk: '3' });
    const hits = await local.table.query({ pk: 'P', index: 'gsi1' }, z.object({ pk: z.string() }));
    expect(hits).toEqual([{ pk: 'i1' }, { pk: 'i3' }]);
  });
});

describe('a data store that fails', () => {
  const failing = (failure: Error) => {
    const call = async () => {
      throw failure;
    };
    return openTable({ call, destroy: () => undefined }, 't');
  };
  const answered = (status: number, name: string) =>
    AwsFailure.answered({ status, headers: {}, text: JSON.stringify({ __type: `com.amazonaws#${name}` }) });

  it.each([
    ['is throttled', answered(400, 'ProvisionedThroughputExceededException')],
    ['fails within', answered(500, 'InternalServerError')],
    ['does not answer', AwsFailure.unanswered(new Error('connect ECONNREFUSED'))],
  ])('is STORAGE_UNAVAILABLE where it %s', async (_, failure) => {
    const update = failing(failure).update({ pk: 'a', sk: 'a' }, { set: { count: 1 } }, Item);
    await expect(update).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE', retryAfterS: 5 });
  });

  it('is a failure of ours where it refuses what was asked', async () => {
    const refused = answered(400, 'ValidationException');
    await expect(failing(refused).get({ pk: 'a', sk: 'a' }, Item)).rejects.toBe(refused);
  });

  it('shows nothing of the store to the caller', async () => {
    const failure = failing(AwsFailure.unanswered(new Error('arn:aws:secret')));
    const thrown = await failure.get({ pk: 'a', sk: 'a' }, Item).catch((error: unknown) => error);
    expect(String(thrown)).not.toContain('arn:aws');
  });
});
