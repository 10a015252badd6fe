import type { Logger } from 'pino';
import type { Credentials } from '../../shared/aws/env.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import type { ObjectBucket } from '../../shared/objects/object-reader.ts';
import type { Queue } from '../../shared/queue/queue.ts';
import { openTable, openTableReads, type Table } from '../../shared/table/table.ts';
import { createTableClient } from '../../shared/table/table-client.ts';
import type { SendMail } from '../accounts/mail/mail.ts';
import type { FunctionsEnv } from '../env.ts';
import type { Poster } from '../realtime/poster.ts';

/** What the handlers use of AWS. */
export interface Services {
  table: Table;
  /** Without a bucket, each call is STORAGE_UNAVAILABLE. */
  objects: ObjectBucket;
  queues: { deliveries: Queue; deadLetters: Queue; outbox: Queue };
  poster: Poster;
  sendMail: SendMail;
}

export interface ServiceContext {
  env: Omit<FunctionsEnv, 'JWT_SECRETS' | 'WORKER_AUTH_TOKENS'>;
  credentials: () => Promise<Credentials>;
  /** Milliseconds since the epoch. */
  now: () => number;
  log: Logger;
}

/**
 * Opens a service, or as much of one as a function has a right to. Each client of the SDK is imported in the file of
 * its own opener and nowhere else, so that a bundle holds the clients that its entry names.
 */
export type OpenService = (context: ServiceContext) => Partial<Services>;

const refused = (what: string) => async (): Promise<never> => {
  throw new AppError('INTERNAL_ERROR', `This function has no right to ${what}.`);
};

const noQueue: Queue = { send: refused('send to this queue') };

/** What stands in for a service that was not opened: nothing may seem done that is not. */
const NO_SERVICES: Services = {
  table: {
    get: refused('read the table'),
    getMany: refused('read the table'),
    query: refused('read the table'),
    put: refused('write to the table'),
    update: refused('write to the table'),
    delete: refused('write to the table'),
  },
  objects: {
    list: refused('list objects'),
    get: refused('read objects'),
    head: refused('read objects'),
    signGet: refused('sign downloads'),
    signPut: refused('sign uploads'),
  },
  queues: { deliveries: noQueue, deadLetters: noQueue, outbox: noQueue },
  poster: { post: refused('push'), close: refused('close connections') },
  sendMail: refused('mail'),
};

export function openServices(openers: readonly OpenService[], context: ServiceContext): Services {
  return Object.assign({}, NO_SERVICES, ...openers.map((open) => open(context)));
}

/** For services that are not opened in part: the rest of it refuses. */
export const refusing = <Name extends keyof Services>(name: Name): Services[Name] => NO_SERVICES[name];

function tableClient({ env, credentials }: ServiceContext) {
  const endpoint = env.DYNAMODB_ENDPOINT ?? env.AWS_ENDPOINT_URL;
  return createTableClient({ region: env.AWS_REGION, endpoint, credentials });
}

export const withTable: OpenService = (context) => ({
  table: openTable(tableClient(context), context.env.TABLE_NAME),
});

export const withTableReads: OpenService = (context) => ({
  table: { ...refusing('table'), ...openTableReads(tableClient(context), context.env.TABLE_NAME) },
});
