import {
  ConditionalCheckFailedException,
  InternalServerError,
  ProvisionedThroughputExceededException,
  ThrottlingException,
} from '@aws-sdk/client-dynamodb';
import { BatchGetCommand, GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
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
import { createTableClient } from '../../../shared/table/table-client.ts';
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

const said = { message: 'arn:aws:dynamodb:somewhere', $metadata: { httpStatusCode: 400 } };
const unanswered = (code: string) => Object.assign(new Error(`connect ${code}`), { code });

/** A table whose every answer is made up. */
function fakeTable() {
  const client = createTableClient({ region: 'us-east-1' });
  return { sent: mockClient(client), table: openTable(client, 't') };
}
const KEY = { pk: 'a', sk: 'a' };
const KeyItem = z.object({ pk: z.string() });

describe('a data store that fails', () => {
  it.each([
    ['is throttled', new ThrottlingException(said)],
    ['has no throughput left', new ProvisionedThroughputExceededException(said)],
    ['fails within', new InternalServerError({ ...said, $metadata: { httpStatusCode: 500 } })],
    ['is not there', unanswered('ECONNREFUSED')],
    ['answers too late', Object.assign(new Error('too late'), { name: 'TimeoutError' })],
  ])('is STORAGE_UNAVAILABLE of every operation where it %s', async (_, failure) => {
    const { sent, table } = fakeTable();
    sent.rejects(failure);
    const outcomes = await Promise.allSettled([
      table.get(KEY, Item),
      table.getMany([KEY], Item),
      table.query({ pk: 'a' }, Item),
      table.put(KEY),
      table.update(KEY, { set: { count: 1 } }, Item),
      table.delete(KEY),
    ]);
    const unavailable = { code: 'STORAGE_UNAVAILABLE', retryAfterS: 5 };
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ status: 'rejected', reason: unavailable });
    // What is told to callers names nothing of the store.
    for (const outcome of outcomes)
      expect(outcome.status === 'rejected' && String(outcome.reason)).not.toContain('arn:aws');
  });

  it('is a failure of ours where it refuses what was asked', async () => {
    const { sent, table } = fakeTable();
    const refused = Object.assign(new Error('no'), { name: 'ValidationException', ...said });
    sent.on(GetCommand).rejects(refused);
    await expect(table.get(KEY, Item)).rejects.toBe(refused);
  });

  it('is no failure where a condition does not hold', async () => {
    const { sent, table } = fakeTable();
    sent.rejects(new ConditionalCheckFailedException(said));
    expect(await table.put(KEY, missing('pk'))).toBe(false);
    expect(await table.update(KEY, { set: { count: 1 }, condition: exists('pk') }, Item)).toBeUndefined();
    expect(await table.delete(KEY, exists('pk'))).toBe(false);
  });
});

describe('a batch of which a part is left out', () => {
  const keysOf = (names: string[]) => names.map((pk) => ({ pk, sk: 'x' }));

  it('is asked for again until all of it is there, and nothing twice', async () => {
    const { sent, table } = fakeTable();
    const unprocessed = (names: string[]) =>
      names.length === 0 ? {} : { UnprocessedKeys: { t: { Keys: keysOf(names) } } };
    sent
      .on(BatchGetCommand)
      .resolvesOnce({ Responses: { t: [{ pk: 'a' }] }, ...unprocessed(['b', 'c']) })
      .resolvesOnce({ Responses: { t: [] }, ...unprocessed(['b', 'c']) })
      .resolvesOnce({ Responses: { t: [{ pk: 'c' }, { pk: 'b' }] }, ...unprocessed([]) });
    const found = await table.getMany(keysOf(['a', 'b', 'c']), KeyItem);
    expect(found.map(({ pk }) => pk)).toEqual(['a', 'c', 'b']);
    const asked = sent
      .commandCalls(BatchGetCommand)
      .map(({ args: [{ input }] }) => input.RequestItems?.['t']);
    expect(asked.map((each) => each?.Keys)).toEqual([
      keysOf(['a', 'b', 'c']),
      keysOf(['b', 'c']),
      keysOf(['b', 'c']),
    ]);
    expect(asked.every((each) => each?.ConsistentRead === true)).toBe(true);
  });

  it('is STORAGE_UNAVAILABLE where nothing comes of it, after a bounded number of requests', async () => {
    const { sent, table } = fakeTable();
    sent.on(BatchGetCommand).resolves({ UnprocessedKeys: { t: { Keys: keysOf(['a']) } } });
    await expect(table.getMany(keysOf(['a']), KeyItem)).rejects.toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
    });
    expect(sent.commandCalls(BatchGetCommand)).toHaveLength(5);
  });

  it('is followed over the pages of a query, up to the limit', async () => {
    const { sent, table } = fakeTable();
    sent
      .on(QueryCommand)
      .resolvesOnce({ Items: [{ pk: 'a' }], LastEvaluatedKey: { pk: 'a', sk: '1' } })
      .resolvesOnce({ Items: [], LastEvaluatedKey: { pk: 'a', sk: '2' } })
      .resolvesOnce({ Items: [{ pk: 'b' }], LastEvaluatedKey: { pk: 'a', sk: '3' } });
    expect(await table.query({ pk: 'a', limit: 2 }, KeyItem)).toEqual([{ pk: 'a' }, { pk: 'b' }]);
    const asked = sent.commandCalls(QueryCommand).map(({ args: [{ input }] }) => input);
    expect(asked.map(({ ExclusiveStartKey, Limit }) => [ExclusiveStartKey?.['sk'], Limit])).toEqual([
      [undefined, 2],
      ['1', 1],
      ['2', 1],
    ]);
  });
});
