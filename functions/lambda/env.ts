import * as z from 'zod';
import { fromZod } from '../../shared/errors/from-zod.ts';
import { FunctionsEnv } from '../env.ts';

/** What a function reads on Lambda: places of secrets instead of secrets, and how to reach workers. */
const LambdaEnv = FunctionsEnv.omit({ JWT_SECRETS: true, WORKER_AUTH_TOKENS: true }).extend({
  /** Told to functions that may read them, and to no others. */
  JWT_SECRET_ARN: z.string().min(1).optional(),
  WORKER_TOKENS_SECRET_ARN: z.string().min(1).optional(),
  /** Leads to workers with private addresses; absent where there are none, or no worker is called. */
  RELAY_FUNCTION_NAME: z.string().min(1).optional(),
});
export type LambdaEnv = z.output<typeof LambdaEnv>;
/** The same as text, for whoever sets it. */
export type LambdaEnvironment = z.input<typeof LambdaEnv>;

/** @throws AppError VALIDATION_ERROR naming every variable that is wrong */
export function readLambdaEnv(): LambdaEnv {
  const parsed = LambdaEnv.safeParse(process.env);
  if (!parsed.success) throw fromZod(parsed.error, 'environment');
  return parsed.data;
}
