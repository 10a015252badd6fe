import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { ScalableTarget, ServiceNamespace } from 'aws-cdk-lib/aws-applicationautoscaling';
import type { FargateService } from 'aws-cdk-lib/aws-ecs';
import type { Construct } from 'constructs';
import { fleetMetric } from '../constructs/observed-metrics.ts';
import type { StageSettings } from '../stages.ts';

interface WorkerScalingStackProps extends StackProps {
  settings: StageSettings;
  clusterName: string;
  service: FargateService;
}

/** Keeps a share of session capacity free. */
export class WorkerScalingStack extends Stack {
  constructor(scope: Construct, id: string, props: WorkerScalingStackProps) {
    super(scope, id, props);
    const { settings, clusterName, service } = props;
    const target = new ScalableTarget(this, 'Tasks', {
      serviceNamespace: ServiceNamespace.ECS,
      resourceId: `service/${clusterName}/${service.serviceName}`,
      scalableDimension: 'ecs:service:DesiredCount',
      minCapacity: settings.workers.minTasks,
      maxCapacity: settings.workers.maxTasks,
    });
    target.scaleToTrackMetric('SessionSlots', {
      customMetric: fleetMetric(settings, 'slotsUsed'),
      targetValue: settings.workers.targetSlotUse,
      scaleOutCooldown: Duration.minutes(1),
      // Sessions are handed over before a task ends, so scaling in is too slow to follow a daily wave.
      scaleInCooldown: Duration.minutes(30),
    });
  }
}
