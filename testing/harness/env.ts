import * as z from 'zod';

const HarnessEnv = z.object({
  /**
   * What end-to-end tests run against: the embedded runtime, started for each file, or what is deployed in the
   * emulator that `localstack/env.ts` names.
   */
  E2E_TARGET: z.enum(['local', 'emulator']).default('local'),
  /**
   * Of what fast-check draws: the same in every run, so that none fails on an example that no other run has seen. Look
   * for new examples with another one; a failure names its seed.
   */
  FAST_CHECK_SEED: z
    .string()
    .regex(/^-?\d{1,9}$/)
    .default('2026')
    .transform(Number),
});
/** The same as text, for whoever sets it. */
export type HarnessEnvironment = z.input<typeof HarnessEnv>;

export function readHarnessEnv(): z.output<typeof HarnessEnv> {
  return HarnessEnv.parse(process.env);
}
