import type { FunctionsEnvironment } from '../../functions/env.ts';

/** Values that never stand in a function's configuration: its entry fetches them when it starts. */
type Secrets = 'JWT_SECRETS' | 'WORKER_AUTH_TOKENS';
/** Set by Lambda, or for local use. */
type NotOurs = 'AWS_REGION' | 'AWS_ENDPOINT_URL' | 'DYNAMODB_ENDPOINT' | 'SQS_ENDPOINT';
/** Undefined where a stage has no such thing: set, or left out, but never forgotten. */
type MayLack = 'S3_ENDPOINT' | 'SES_ENDPOINT' | 'MAIL_SENDER';

/** What the entry itself reads on Lambda. */
interface EntryEnvironment {
  JWT_SECRET_ARN: string;
  WORKER_TOKENS_SECRET_ARN: string;
  /** Undefined where no worker stands inside the VPC: in an emulator. */
  RELAY_FUNCTION_NAME: string | undefined;
}

/** Everything a function of the control plane is told: a variable that the functions add is a type error here. */
export type LambdaEnvironment = Required<Omit<FunctionsEnvironment, Secrets | NotOurs | MayLack>> &
  Record<MayLack, string | undefined> &
  EntryEnvironment;
