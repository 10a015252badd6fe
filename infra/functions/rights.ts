import type { ObjectRight } from '../constructs/object-bucket.ts';
import type { FunctionName } from '../stages.ts';

/** What one function may do beyond its own log. Whatever is absent is denied. */
export interface Rights {
  table: 'read' | 'write';
  /** `jwt` to tell users, keys and administrators apart; `workerTokens` to know or to call workers. */
  secrets: readonly ('jwt' | 'workerTokens')[];
  objects?: readonly ObjectRight[];
  sendsTo?: readonly ('deliveries' | 'deliveryDeadLetters' | 'outbox')[];
  /** Sends to browsers over the WebSocket API. */
  pushes?: boolean;
  /** Mails to tenants, where the stage names a sender. */
  mails?: boolean;
  /** Calls workers with private addresses, through the relay. */
  callsWorkers?: boolean;
}

const HISTORY: ObjectRight = { actions: ['s3:GetObject'], prefixes: ['sessions/'], list: true };
/** The signed URLs that tenants get carry the function's own rights. */
const MEDIA: ObjectRight = {
  actions: ['s3:GetObject', 's3:PutObject'],
  prefixes: ['media/', 'temp/'],
  list: true,
};
/** The same for what webhooks tell of received files. */
const RECEIVED: ObjectRight = { actions: ['s3:GetObject'], prefixes: ['media/'] };
const LEASES: ObjectRight = { actions: ['s3:GetObject'], prefixes: ['workers/'], list: true };

/** The rights of every function: the page to review when one of them changes. Laws hold it against their code. */
export const RIGHTS: Readonly<Record<FunctionName, Rights>> = {
  // A new password closes the connections of the old one's logins.
  auth: { table: 'write', secrets: ['jwt'], sendsTo: ['deliveries'], pushes: true },
  users: {
    table: 'write',
    secrets: ['jwt', 'workerTokens'],
    pushes: true,
    callsWorkers: true,
  },
  sessions: {
    table: 'write',
    secrets: ['jwt', 'workerTokens'],
    pushes: true,
    callsWorkers: true,
  },
  messages: {
    table: 'write',
    secrets: ['jwt', 'workerTokens'],
    objects: [HISTORY, MEDIA],
    sendsTo: ['outbox'],
    callsWorkers: true,
  },
  conversations: { table: 'write', secrets: ['jwt', 'workerTokens'], callsWorkers: true },
  webhooks: { table: 'write', secrets: ['jwt'], sendsTo: ['deliveries'] },
  // Each request of a tenant is counted against its limits: that is a write.
  analytics: { table: 'write', secrets: ['jwt'] },
  workers: {
    table: 'write',
    secrets: ['jwt', 'workerTokens'],
    sendsTo: ['deliveries', 'outbox'],
    pushes: true,
    callsWorkers: true,
  },
  callbacks: { table: 'write', secrets: ['workerTokens'], sendsTo: ['deliveries', 'outbox'], pushes: true },
  admin: {
    table: 'write',
    secrets: ['jwt', 'workerTokens'],
    sendsTo: ['deliveries'],
    pushes: true,
    callsWorkers: true,
  },
  system: { table: 'read', secrets: [] },
  realtime: { table: 'write', secrets: ['jwt'], pushes: true },
  supervisor: {
    table: 'write',
    secrets: ['workerTokens'],
    objects: [LEASES],
    sendsTo: ['deliveries', 'outbox'],
    pushes: true,
    mails: true,
    callsWorkers: true,
  },
  delivery: {
    table: 'write',
    secrets: [],
    objects: [RECEIVED],
    sendsTo: ['deliveries', 'deliveryDeadLetters'],
    mails: true,
  },
  outbox: {
    table: 'write',
    secrets: ['workerTokens'],
    sendsTo: ['deliveries', 'outbox'],
    pushes: true,
    callsWorkers: true,
  },
};
