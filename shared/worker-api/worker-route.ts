/** The worker's routes share one group: they run in one process. */
export const workerRoute = { group: 'workers', callers: ['worker'] } as const;

/** Under the worker's base path, and under the bare one of S1. */
export const sessionPath = <const P extends string>(rest: P) =>
  ({ path: `/api/session${rest}`, aliases: [`/session${rest}`] }) as const;
