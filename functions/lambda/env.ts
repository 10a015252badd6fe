import * as z from 'zod';
import { fromZod } from '../../shared/errors/from-zod.ts';
import { FunctionsEnv } from '../env.ts';

/** Environment of a function on Lambda: it names where secrets are kept, and how to reach workers. */
const LambdaEnv = FunctionsEnv.omit({ JWT_SECRETS: true, WORKER_AUTH_TOKENS: true }).extend({
  /** Set only for functions that may read the secret. */
  JWT_SECRET_ARN: z.string().min(1).optional(),
  WORKER_TOKENS_SECRET_ARN: z.string().min(1).optional(),
  /**
   * Reaches workers with private addresses; absent where there are none, or where the function calls none.
   */
  RELAY_FUNCTION_NAME: z.string().min(1).optional(),
});
export type LambdaEnv = z.output<typeof LambdaEnv>;
/** The same settings as text, for programs that set them. */
export type LambdaEnvironment = z.input<typeof LambdaEnv>;

/** @throws AppError VALIDATION_ERROR naming every variable that is wrong */
export function readLambdaEnv(): LambdaEnv {
  const parsed = LambdaEnv.safeParse(process.env);
  if (!parsed.success) throw fromZod(parsed.error, 'environment');
  return parsed.data;
}

const PlaceEnv = FunctionsEnv.pick({ AWS_REGION: true, AWS_ENDPOINT_URL: true });

/** For functions that need nothing of the control plane. @throws AppError VALIDATION_ERROR */
export function readPlaceEnv(): { region: string; endpoint: string | undefined } {
  const parsed = PlaceEnv.safeParse(process.env);
  if (!parsed.success) throw fromZod(parsed.error, 'environment');
  return { region: parsed.data.AWS_REGION, endpoint: parsed.data.AWS_ENDPOINT_URL };
}
