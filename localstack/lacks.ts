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
