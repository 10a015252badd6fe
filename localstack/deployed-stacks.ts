/** What is deployed into an emulator, in CDK's names; dependencies come by themselves. */
export const DEPLOYED_STACKS = [
  'account',
  'dev/data',
  'dev/network',
  'dev/realtime',
  'dev/api',
  'dev/background',
] as const;

/**
 * What is left out, and why. Each is proven by the laws over the synthesized templates instead
 * (`test/infra/`), and a stage on AWS has them all.
 */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  'dev/workers': 'its image is built by Docker; the suite runs workers as processes beside the emulator',
  'dev/worker-scaling': 'MiniStack has no AWS::ApplicationAutoScaling',
  'dev/upkeep': 'MiniStack has no AWS::SecretsManager::RotationSchedule',
  'dev/observability': 'MiniStack has no alarms over metric math',
};
