import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { AwsFailure } from '../aws/aws-failure.ts';
import type { Credentials } from '../aws/create-signer.ts';
import { localCredentials } from '../aws/env.ts';
import { callAction } from '../aws/json-action.ts';
import { openService } from '../aws/open-service.ts';
import { AppError } from '../errors/app-error.ts';

/** An item as DynamoDB writes it. */
export type Attributes = Record<string, AttributeValue>;

/** What DynamoDB's actions answer, as far as it is read. */
export interface TableAnswers {
  GetItem: { Item?: Attributes };
  PutItem: object;
  UpdateItem: { Attributes?: Attributes };
  DeleteItem: object;
  Query: { Items?: Attributes[]; LastEvaluatedKey?: Attributes };
  CreateTable: object;
  DescribeTable: { Table?: { TableStatus?: string } };
  BatchWriteItem: { UnprocessedItems?: Record<string, object[]> };
  BatchGetItem: {
    Responses?: Record<string, Attributes[]>;
    UnprocessedKeys?: Record<string, { Keys?: Attributes[] }>;
  };
}

export interface TableClient {
  /** @throws AwsFailure, with DynamoDB's name for what went wrong */
  call<Action extends keyof TableAnswers>(action: Action, input: object): Promise<TableAnswers[Action]>;
  /** Closes idle connections. */
  destroy(): void;
}

export interface TableClientOptions {
  region: string;
  /** Of an emulator; AWS's own where absent. */
  endpoint?: string | undefined;
  credentials?: () => Promise<Credentials>;
}

const PROTOCOL = { target: 'DynamoDB_20120810', version: '1.0' } as const;
/** Four attempts of at most three seconds each end well before the gateway gives up on the caller. */
const ATTEMPTS = 4;
const TIMEOUT_MS = 3_000;
/** An emulator shares the machine, and often the process, with everything else that runs there. */
const EMULATOR_TIMEOUT_MS = 20_000;

/** @param options without credentials, an emulator's is shown made-up ones */
export function createTableClient({
  region,
  endpoint,
  credentials = localCredentials,
}: TableClientOptions): TableClient {
  const service = openService({
    service: 'dynamodb',
    region,
    endpoint: endpoint ?? `https://dynamodb.${region}.amazonaws.com`,
    credentials,
    attempts: ATTEMPTS,
    attemptTimeoutMs: endpoint === undefined ? TIMEOUT_MS : EMULATOR_TIMEOUT_MS,
  });
  return {
    call: async (action, input) =>
      (await callAction(service, PROTOCOL, action, input)) as TableAnswers[typeof action],
    destroy: () => service.close(),
  };
}

/** What retries could not mend, as the declared error; anything else as it is. */
export function toStorageFailure(thrown: unknown): unknown {
  if (!(thrown instanceof AwsFailure) || !thrown.transient) return thrown;
  return new AppError('STORAGE_UNAVAILABLE', 'The data store does not answer just now. Try again shortly.', {
    cause: thrown,
  });
}
