import * as z from 'zod';
import type { FleetSize } from './plan-retirement.ts';

const SupervisorEnv = z.object({
  /** Seconds for which one invocation keeps looking; 0 is a single look. */
  SUPERVISOR_LOOP_S: z.coerce.number().int().min(0).max(60).default(0),
  /** Percent of session capacity that scaling aims to have in use. */
  SUPERVISOR_TARGET_SLOT_USE: z.coerce.number().int().min(1).max(100).default(70),
  /** Scaling keeps at least this many workers. */
  SUPERVISOR_MIN_WORKERS: z.coerce.number().int().min(0).default(1),
});
/** The same settings as text, for programs that set them. */
export type SupervisorEnvironment = Record<keyof z.infer<typeof SupervisorEnv>, string>;

export function readSupervisorEnv(): { loopMs: number; fleet: FleetSize } {
  const env = SupervisorEnv.parse(process.env);
  return {
    loopMs: env.SUPERVISOR_LOOP_S * 1_000,
    fleet: { targetUse: env.SUPERVISOR_TARGET_SLOT_USE / 100, minWorkers: env.SUPERVISOR_MIN_WORKERS },
  };
}
