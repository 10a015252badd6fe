/** What is deployed into an emulator, in CDK's names: all there is. */
export const DEPLOYED_STACKS = [
  'account',
  'dev/data',
  'dev/network',
  'dev/realtime',
  'dev/api',
  'dev/background',
  'dev/workers',
  'dev/worker-scaling',
  'dev/upkeep',
  'dev/observability',
] as const;
