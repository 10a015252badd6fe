import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { FargateService } from 'aws-cdk-lib/aws-ecs';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnPermission } from 'aws-cdk-lib/aws-lambda';
import { Schedule, ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import { Universal } from 'aws-cdk-lib/aws-scheduler-targets';
import { CfnRotationSchedule } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { bundledCode } from '../constructs/bundled-code.ts';
import { GatewayFunction } from '../constructs/gateway-function.ts';
import type { TokenSecret } from '../constructs/token-secret.ts';
import type { StageSettings } from '../stages.ts';
import type { DataStack } from './data-stack.ts';

interface UpkeepStackProps extends StackProps {
  settings: StageSettings;
  data: DataStack;
  service: FargateService;
}

/** Periodic upkeep: tokens are rotated, and workers restart before theirs are no longer accepted. */
export class UpkeepStack extends Stack {
  readonly rotation: GatewayFunction;

  constructor(scope: Construct, id: string, props: UpkeepStackProps) {
    super(scope, id, props);
    const { settings, data, service } = props;
    this.rotation = new GatewayFunction(this, 'Rotation', {
      name: 'rotation',
      settings,
      description: 'Gives secrets a new current value and keeps the old one valid',
      code: bundledCode('rotation'),
      environment: {},
      timeout: Duration.seconds(30),
      memoryMiB: 256,
    });
    for (const [name, token] of Object.entries({ Jwt: data.jwtSecret, Workers: data.workerTokens }))
      this.#rotate(name, token, settings);
    this.#renewWorkers(settings, service);
  }

  /**
   * The plain resource, because CDK's own adds a policy to the secret that keeps a stage from being
   * destroyed.
   */
  #rotate(name: string, token: TokenSecret, settings: StageSettings): void {
    const { rotation } = this;
    token.grantRotate(rotation.function);
    const schedule = new CfnRotationSchedule(this, `${name}Schedule`, {
      secretId: token.secret.secretArn,
      rotationLambdaArn: rotation.function.functionArn,
      rotationRules: { scheduleExpression: `rate(${settings.secretRotationDays} days)` },
      rotateImmediatelyOnUpdate: false,
    });
    const mayInvoke = new CfnPermission(this, `${name}Rotates`, {
      action: 'lambda:InvokeFunction',
      functionName: rotation.function.functionArn,
      principal: 'secretsmanager.amazonaws.com',
      sourceArn: token.secret.secretArn,
    });
    schedule.addResourceDependency(mayInvoke);
  }

  /**
   * Deploys the same image again: sessions are handed over and tokens are fresh, well before the old ones
   * end.
   */
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
