import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { FargateService } from 'aws-cdk-lib/aws-ecs';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Schedule, ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import { Universal } from 'aws-cdk-lib/aws-scheduler-targets';
import { RotationSchedule } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { bundledCode } from '../constructs/bundle.ts';
import { GatewayFunction } from '../constructs/gateway-function.ts';
import { ROTATION_ENTRY, ROTATION_EXTERNALS } from '../rotation/rotation-entry.ts';
import type { StageSettings } from '../stages.ts';
import type { DataStack } from './data-stack.ts';

interface UpkeepStackProps extends StackProps {
  settings: StageSettings;
  data: DataStack;
  service: FargateService;
}

/** What keeps itself fresh: tokens are rotated, and workers start anew before theirs are forgotten. */
export class UpkeepStack extends Stack {
  constructor(scope: Construct, id: string, props: UpkeepStackProps) {
    super(scope, id, props);
    const { settings, data, service } = props;
    const rotation = new GatewayFunction(this, 'Rotation', {
      name: 'rotation',
      settings,
      description: 'Gives secrets a new current value and keeps the old one valid',
      code: bundledCode('rotation', ROTATION_ENTRY, ROTATION_EXTERNALS),
      environment: {},
      timeout: Duration.seconds(30),
      memoryMiB: 256,
    });
    for (const [name, { secret }] of Object.entries({ Jwt: data.jwtSecret, Workers: data.workerTokens }))
      new RotationSchedule(this, `${name}Schedule`, {
        secret,
        rotationLambda: rotation.function,
        automaticallyAfter: Duration.days(settings.secretRotationDays),
      });
    this.#renewWorkers(settings, service);
  }

  /** A deployment of the same image: hand-over and fresh tokens, well before the old ones end. */
  #renewWorkers(settings: StageSettings, service: FargateService): void {
    new Schedule(this, 'RenewWorkers', {
      description: 'Workers start anew, with the newest tokens',
      schedule: ScheduleExpression.rate(Duration.days(Math.floor(settings.secretRotationDays / 2))),
      target: new Universal({
        service: 'ecs',
        action: 'updateService',
        input: ScheduleTargetInput.fromObject({
          Cluster: service.cluster.clusterName,
          Service: service.serviceName,
          ForceNewDeployment: true,
        }),
        policyStatements: [
          new PolicyStatement({ actions: ['ecs:UpdateService'], resources: [service.serviceArn] }),
        ],
      }),
    });
  }
}
