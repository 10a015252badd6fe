import * as z from 'zod';

const HarnessEnv = z.object({
  /**
   * What end-to-end tests run against: the embedded runtime, started for each file, or what is deployed in the
   * emulator that `localstack/env.ts` names.
   */
  E2E_TARGET: z.enum(['local', 'emulator']).default('local'),
});
/** The same as text, for whoever sets it. */
export type HarnessEnvironment = z.input<typeof HarnessEnv>;

export function readHarnessEnv(): z.output<typeof HarnessEnv> {
  return HarnessEnv.parse(process.env);
}
