import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { IVpc, SecurityGroup, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Alias,
  ApplicationLogLevel,
  Architecture,
  type Code,
  type IFunction,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { FunctionName, StageSettings } from '../stages.ts';

/** The HTTP API waits 30 s, so the function answers before that. */
export const HTTP_TIMEOUT = Duration.seconds(28);

export interface GatewayFunctionProps {
  name: FunctionName | 'relay' | 'rotation';
  settings: StageSettings;
  code: Code;
  description: string;
  environment: Record<string, string>;
  timeout?: Duration;
  memoryMiB?: number;
  /** Set for the relay only: everything else needs the internet and no VPC. */
  vpc?: { vpc: IVpc; subnets: SubnetSelection; securityGroup: SecurityGroup };
}

/** A Lambda function of the gateway: arm64, Node 24, JSON logs with a retention, traced, bounded. */
export class GatewayFunction extends Construct {
  readonly function: LambdaFunction;
  /** What callers invoke: the alias that is kept warm where the stage pays for it. */
  readonly target: IFunction;
  readonly name: GatewayFunctionProps['name'];
  protected readonly role: Role;

  constructor(scope: Construct, id: string, props: GatewayFunctionProps) {
    super(scope, id);
    const { settings, vpc } = props;
    this.name = props.name;
    const limits = settings as {
      reservedConcurrency: Partial<Record<string, number>>;
      provisionedConcurrency: Partial<Record<string, number>>;
    };
    const logGroup = new LogGroup(this, 'Logs', {
      retention: settings.logRetentionDays,
      removalPolicy: settings.ephemeral ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
    });
    this.role = this.#createRole(logGroup, vpc !== undefined);
    this.function = new LambdaFunction(this, 'Function', {
      description: props.description,
      code: props.code,
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: props.memoryMiB ?? settings.functionMemoryMiB,
      timeout: props.timeout ?? HTTP_TIMEOUT,
      environment: props.environment,
      tracing: Tracing.ACTIVE,
      role: this.role,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      systemLogLevelV2: SystemLogLevel.WARN,
      applicationLogLevelV2: ApplicationLogLevel[settings.logLevel === 'debug' ? 'DEBUG' : 'INFO'],
      ...(limits.reservedConcurrency[props.name] === undefined
        ? {}
        : { reservedConcurrentExecutions: limits.reservedConcurrency[props.name] }),
      ...(vpc === undefined
        ? {}
        : { vpc: vpc.vpc, vpcSubnets: vpc.subnets, securityGroups: [vpc.securityGroup] }),
    });
    this.target = this.#keepWarm(limits.provisionedConcurrency[props.name]);
  }

  /** The role writes its own log and traces only; other rights come from the stacks. */
  #createRole(logGroup: LogGroup, inVpc: boolean): Role {
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    role.addToPolicy(
      new PolicyStatement({
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [logGroup.logGroupArn],
      }),
    );
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'X-Ray knows no resources: xray:PutTraceSegments and PutTelemetryRecords cannot be narrowed.',
    });
    if (!inVpc) return role;
    const policy = 'service-role/AWSLambdaVPCAccessExecutionRole';
    role.addManagedPolicy(ManagedPolicy.fromAwsManagedPolicyName(policy));
    Validations.of(role).acknowledge({
      id: `AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/${policy}]`,
      reason:
        'What the Lambda service needs to attach the function to the VPC. The code cannot use it: its subnets ' +
        'lead to no AWS API.',
    });
    return role;
  }

  #keepWarm(executions: number | undefined): IFunction {
    if (executions === undefined) return this.function;
    return new Alias(this, 'Live', {
      aliasName: 'live',
      version: this.function.currentVersion,
      provisionedConcurrentExecutions: executions,
    });
  }

  errors(): Metric {
    return this.function.metricErrors({ period: Duration.minutes(5) });
  }
}
