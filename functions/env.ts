import * as z from 'zod';
import { fromZod } from '../shared/errors/from-zod.ts';
import { caseless } from '../shared/text/slug.ts';
import { ENVIRONMENTS } from '../shared/workers/schema.ts';

/** A comma-separated list: the first is used, all are accepted, so that a secret can be rotated. */
const secrets = (minLength: number) =>
  z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    )
    .pipe(
      z
        .array(z.string().min(minLength, `each secret needs at least ${minLength} characters`))
        .min(1, 'name at least one secret')
        .max(3),
    );

/** What the control plane's functions read from their environment. */
export const FunctionsEnv = z.object({
  TABLE_NAME: z.string().min(1),
  DYNAMODB_ENDPOINT: z.url().optional(),
  AWS_REGION: z.string().min(1).default('us-east-1'),
  /** Endpoint of an emulator, for every service without an endpoint of its own below. */
  AWS_ENDPOINT_URL: z.url().optional(),
  JWT_SECRETS: secrets(32),
  WORKER_AUTH_TOKENS: secrets(16),
  /** Where clients connect: ws:// or wss://. */
  WEBSOCKET_URL: z.url(),
  /** Where frames are posted to: API Gateway's @connections endpoint, http(s). */
  WEBSOCKET_CALLBACK_URL: z.url(),
  DELIVERY_QUEUE_URL: z.url().optional(),
  /** The queue of deliveries whose retries are used up. */
  DELIVERY_DEAD_LETTER_QUEUE_URL: z.url().optional(),
  OUTBOX_QUEUE_URL: z.url().optional(),
  SQS_ENDPOINT: z.url().optional(),
  /** The sender of mails, verified by SES; without one, mails are logged. */
  MAIL_SENDER: z.email().optional(),
  SES_ENDPOINT: z.url().optional(),
  /** The bucket of message history and media. */
  S3_BUCKET: z.string().min(1).optional(),
  S3_ENDPOINT: z.url().optional(),
  ENVIRONMENT: caseless(ENVIRONMENTS).default('DEVELOPMENT'),
  NETWORK: caseless(['live', 'sandbox']).default('live'),
  VERSION: z.string().min(1).default('0.0.0'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
});
export type FunctionsEnv = z.output<typeof FunctionsEnv>;
/** The same settings as text, for programs that set them. */
export type FunctionsEnvironment = z.input<typeof FunctionsEnv>;

/** @throws AppError VALIDATION_ERROR naming every variable that is wrong, never a value */
export function parseFunctionsEnv(variables: Readonly<Record<string, string | undefined>>): FunctionsEnv {
  const parsed = FunctionsEnv.safeParse(variables);
  if (!parsed.success) throw fromZod(parsed.error, 'environment');
  return parsed.data;
}

const TableEnv = FunctionsEnv.pick({ TABLE_NAME: true, DYNAMODB_ENDPOINT: true, AWS_REGION: true });

/**
 * Settings of commands that need the table only.
 * @throws AppError VALIDATION_ERROR
 */
export function readTableEnv(): z.output<typeof TableEnv> {
  const parsed = TableEnv.safeParse(process.env);
  if (!parsed.success) throw fromZod(parsed.error, 'environment');
  return parsed.data;
}

export function readFunctionsEnv(): FunctionsEnv {
  return parseFunctionsEnv(process.env);
}
