import type { LambdaEnvironment as Variables } from '../../functions/lambda/env.ts';

/** Set by Lambda or by an emulator, or for local use. */
type NotOurs = 'AWS_REGION' | 'AWS_ENDPOINT_URL' | 'DYNAMODB_ENDPOINT' | 'SQS_ENDPOINT';
/** Undefined where a stage has no such thing, or a function no right to it: set, or left out, but never forgotten. */
type MayLack =
  | 'JWT_SECRET_ARN'
  | 'WORKER_TOKENS_SECRET_ARN'
  | 'RELAY_FUNCTION_NAME'
  | 'S3_ENDPOINT'
  | 'SES_ENDPOINT'
  | 'MAIL_SENDER';

/** Everything a function of the control plane is told: a variable that the functions add is a type error here. */
export type LambdaEnvironment = Required<Omit<Variables, NotOurs | MayLack>> &
  Record<MayLack, string | undefined>;
