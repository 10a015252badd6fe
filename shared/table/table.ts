import { setTimeout as delay } from 'node:timers/promises';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type * as z from 'zod';
import { AwsFailure } from '../aws/aws-failure.ts';
import { AppError } from '../errors/app-error.ts';
import { type BackOff, backOffMs } from '../retry/back-off.ts';
import type { Condition } from './condition.ts';
import { type Change, Expression } from './expression.ts';
import type { Attributes, TableClient } from './table-client.ts';
import { toStorageFailure } from './table-client.ts';
import type { IndexName } from './table-definition.ts';

export interface Key {
  pk: string;
  sk: string;
}

export interface QueryOptions {
  pk: string;
  /** The base table, read consistently, where absent; an index lags. */
  index?: IndexName;
  limit?: number;
  /** The sort key to go on after. */
  after?: string | undefined;
}

/**
 * The one table, typed by the schemas it is read with. Reads of items are consistent. A write whose
 * condition does not hold is an answer (`false`, `undefined`), not an error.
 * @throws AppError STORAGE_UNAVAILABLE where retries did not help.
 */
export interface Table {
  get<S extends z.ZodType>(key: Key, schema: S): Promise<z.output<S> | undefined>;
  getMany<S extends z.ZodType>(keys: readonly Key[], schema: S): Promise<z.output<S>[]>;
  put(item: Key & Record<string, unknown>, condition?: Condition): Promise<boolean>;
  /**
   * Whatever was there is replaced: for items that nobody else writes. Several are one call and cost what each costs; of two
   * with one key, the last counts. Where it throws, some may be written.
   */
  putMany(items: readonly (Key & Record<string, unknown>)[]): Promise<void>;
  /** The whole item as it stands after the change. */
  update<S extends z.ZodType>(key: Key, change: Change, schema: S): Promise<z.output<S> | undefined>;
  delete(key: Key, condition?: Condition): Promise<boolean>;
  query<S extends z.ZodType>(options: QueryOptions, schema: S): Promise<z.output<S>[]>;
}

const BATCH_SIZE = 100;
const WRITE_BATCH_SIZE = 25;
const BATCH_ATTEMPTS = 5;
const BATCH_BACK_OFF: BackOff = { firstMs: 50, longestMs: 400 };

const toAttributes = (item: Record<string, unknown>): Attributes =>
  marshall(item, { removeUndefinedValues: true });

function conditional(condition: Condition | undefined) {
  if (condition === undefined) return {};
  const expression = new Expression();
  const ConditionExpression = expression.condition(condition);
  return { ConditionExpression, ...placeholders(expression) };
}

function placeholders(expression: Expression) {
  const { names, values } = expression;
  return {
    ...(Object.keys(names).length === 0 ? {} : { ExpressionAttributeNames: names }),
    ...(Object.keys(values).length === 0 ? {} : { ExpressionAttributeValues: toAttributes(values) }),
  };
}

async function settle<T, F>(request: Promise<T>, onConditionFailed: F): Promise<T | F> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof AwsFailure && error.name === 'ConditionalCheckFailedException')
      return onConditionFailed;
    throw toStorageFailure(error);
  }
}

async function getBatch(client: TableClient, tableName: string, keys: readonly Key[]) {
  const items: Attributes[] = [];
  let wanted = keys.map(({ pk, sk }) => toAttributes({ pk, sk }));
  for (let attempt = 0; wanted.length > 0; attempt += 1) {
    if (attempt === BATCH_ATTEMPTS) throw tooBusy();
    if (attempt > 0) await delay(backOffMs(BATCH_BACK_OFF, attempt - 1));
    const request = { RequestItems: { [tableName]: { Keys: wanted, ConsistentRead: true } } };
    const answer = await settle(client.call('BatchGetItem', request), undefined);
    items.push(...(answer?.Responses?.[tableName] ?? []));
    wanted = answer?.UnprocessedKeys?.[tableName]?.Keys ?? [];
  }
  return items;
}

const tooBusy = () =>
  new AppError('STORAGE_UNAVAILABLE', 'The data store is too busy just now. Try again shortly.');

async function putBatch(client: TableClient, tableName: string, items: readonly Attributes[]) {
  let wanted: object[] = items.map((Item) => ({ PutRequest: { Item } }));
  for (let attempt = 0; wanted.length > 0; attempt += 1) {
    if (attempt === BATCH_ATTEMPTS) throw tooBusy();
    if (attempt > 0) await delay(backOffMs(BATCH_BACK_OFF, attempt - 1));
    const request = { RequestItems: { [tableName]: wanted } };
    const answer = await settle(client.call('BatchWriteItem', request), undefined);
    wanted = answer?.UnprocessedItems?.[tableName] ?? [];
  }
}

async function queryAll(client: TableClient, tableName: string, options: QueryOptions) {
  const { pk, index, limit, after } = options;
  const partitionKey = index === undefined ? 'pk' : `${index}pk`;
  const items: Attributes[] = [];
  const sortKey = index === undefined ? 'sk' : `${index}sk`;
  let start: Attributes | undefined;
  do {
    const request = {
      TableName: tableName,
      ...(index === undefined ? { ConsistentRead: true } : { IndexName: index }),
      KeyConditionExpression: after === undefined ? '#pk = :pk' : '#pk = :pk AND #sk > :after',
      ExpressionAttributeNames: { '#pk': partitionKey, ...(after === undefined ? {} : { '#sk': sortKey }) },
      ExpressionAttributeValues: toAttributes({ ':pk': pk, ':after': after }),
      ...(start === undefined ? {} : { ExclusiveStartKey: start }),
      ...(limit === undefined ? {} : { Limit: limit - items.length }),
    };
    const answer = await settle(client.call('Query', request), undefined);
    items.push(...(answer?.Items ?? []));
    start = answer?.LastEvaluatedKey;
  } while (start !== undefined && (limit === undefined || items.length < limit));
  return items;
}

export function openTable(client: TableClient, tableName: string): Table {
  const TableName = tableName;
  return {
    async get({ pk, sk }, schema) {
      const request = { TableName, Key: toAttributes({ pk, sk }), ConsistentRead: true };
      const answer = await settle(client.call('GetItem', request), undefined);
      return answer?.Item === undefined ? undefined : schema.parse(unmarshall(answer.Item));
    },
    async getMany(keys, schema) {
      const unique = [...new Map(keys.map((key) => [`${key.pk}\n${key.sk}`, key])).values()];
      const batches = Array.from({ length: Math.ceil(unique.length / BATCH_SIZE) }, (_, index) =>
        getBatch(client, TableName, unique.slice(index * BATCH_SIZE, (index + 1) * BATCH_SIZE)),
      );
      return (await Promise.all(batches)).flat().map((item) => schema.parse(unmarshall(item)));
    },
    async put(item, condition) {
      const request = { TableName, Item: toAttributes(item), ...conditional(condition) };
      return (await settle(client.call('PutItem', request), undefined)) !== undefined;
    },
    async putMany(items) {
      const unique = [...new Map(items.map((item) => [`${item.pk}\n${item.sk}`, item])).values()];
      for (let start = 0; start < unique.length; start += WRITE_BATCH_SIZE) {
        const some = unique.slice(start, start + WRITE_BATCH_SIZE);
        await putBatch(client, TableName, some.map(toAttributes));
      }
    },
    async update({ pk, sk }, change, schema) {
      const expression = new Expression();
      const request = {
        TableName,
        Key: toAttributes({ pk, sk }),
        UpdateExpression: expression.update(change),
        ...(change.condition === undefined
          ? {}
          : { ConditionExpression: expression.condition(change.condition) }),
        ...placeholders(expression),
        ReturnValues: 'ALL_NEW',
      };
      const answer = await settle(client.call('UpdateItem', request), undefined);
      return answer?.Attributes === undefined ? undefined : schema.parse(unmarshall(answer.Attributes));
    },
    async delete({ pk, sk }, condition) {
      const request = { TableName, Key: toAttributes({ pk, sk }), ...conditional(condition) };
      return (await settle(client.call('DeleteItem', request), undefined)) !== undefined;
    },
    async query(options, schema) {
      return (await queryAll(client, TableName, options)).map((item) => schema.parse(unmarshall(item)));
    },
  };
}
