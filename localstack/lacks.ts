/** One type of resource that an emulator does not make, and what shows that. */
export interface Lack {
  type: string;
  why: string;
  /** Only resources that have this property are left out. */
  property?: string;
}

/**
 * What MiniStack 1.5.33 refuses, found in its `cloudformation/provisioners.py`. Left out of the templates that it
 * gets, by name and in every output; the laws over the synthesized templates (`test/infra/`) judge them instead.
 * LocalStack gets everything.
 */
export const MINISTACK_LACKS: readonly Lack[] = [
  {
    type: 'AWS::CloudWatch::Alarm',
    property: 'Metrics',
    why: '"Properties.Metrics (metric math) is not supported"; other alarms are made',
  },
  {
    type: 'AWS::SecretsManager::RotationSchedule',
    why: 'no provisioner, and its RotateSecret calls no function; the deployed function is called step by step instead',
  },
  {
    type: 'AWS::ECS::ClusterCapacityProviderAssociations',
    why: 'no provisioner',
  },
  {
    type: 'AWS::ApplicationAutoScaling::ScalableTarget',
    why: 'the emulator has no application auto scaling at all',
  },
  {
    type: 'AWS::ApplicationAutoScaling::ScalingPolicy',
    why: 'the emulator has no application auto scaling at all',
  },
];

/**
 * End-to-end tests that cannot pass in an emulator, by their full name, and why. They run all the same, where they
 * do not skip themselves: one that passes has to leave this list.
 */
export const CANNOT: Readonly<Record<string, string>> = {
  'a send whose worker cannot write anything down is pending when the worker is killed, and reaches its recipient once, through the next one':
    'it stands between a worker and its storage, which only the embedded runtime allows; it skips itself elsewhere',
};
