import * as z from 'zod';

const SupervisorEnv = z.object({
  /** Seconds for which one invocation keeps looking; 0 is one look. */
  SUPERVISOR_LOOP_S: z.coerce.number().int().min(0).max(60).default(0),
});
/** The same as text, for whoever sets it. */
export type SupervisorEnvironment = Record<keyof z.infer<typeof SupervisorEnv>, string>;

export function readSupervisorEnv(): { loopMs: number } {
  return { loopMs: SupervisorEnv.parse(process.env).SUPERVISOR_LOOP_S * 1_000 };
}
