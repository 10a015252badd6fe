import { join } from 'node:path';
import { Duration, RemovalPolicy, Stack, type StackProps, Validations } from 'aws-cdk-lib';
import { SubnetType } from 'aws-cdk-lib/aws-ec2';
import { DockerImageAsset, Platform } from 'aws-cdk-lib/aws-ecr-assets';
import {
  AwsLogDriverMode,
  Cluster,
  ContainerImage,
  ContainerInsights,
  CpuArchitecture,
  FargateService,
  FargateTaskDefinition,
  LinuxParameters,
  LogDrivers,
  OperatingSystemFamily,
  Secret,
} from 'aws-cdk-lib/aws-ecs';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { DEPLOYMENT_EVENTS } from '../../shared/workers/deployment.ts';
import { REPOSITORY_ROOT } from '../constructs/bundle.ts';
import type { ControlPlaneFunction } from '../constructs/control-plane-functions.ts';
import { clusterName } from '../constructs/observed-metrics.ts';
import type { StageSettings } from '../stages.ts';
import type { DataStack } from './data-stack.ts';
import { type NetworkStack, WORKER_PORT } from './network-stack.ts';

export interface WorkersStackProps extends StackProps {
  settings: StageSettings;
  data: DataStack;
  network: NetworkStack;
  supervisor: ControlPlaneFunction;
  /** Where workers register. */
  backendUrl: string;
}

/** Longer than the 25 s in which a worker hands over, so that ECS never cuts a hand-over short. */
const STOP_TIMEOUT = Duration.seconds(60);

/** Files of the image; others would change its hash for nothing. */
const IMAGE_SOURCES = ['!worker/**', '!shared/**', '!package.json', '!package-lock.json', '!.npmrc'];

const HEALTH_CHECK = `fetch('http://127.0.0.1:${WORKER_PORT}/health/live').then(r=>process.exit(r.ok?0:1),()=>process.exit(1))`;

/** Workers on Fargate, in public subnets, reachable by the relay only. */
export class WorkersStack extends Stack {
  readonly cluster: Cluster;
  readonly service: FargateService;

  constructor(scope: Construct, id: string, props: WorkersStackProps) {
    super(scope, id, props);
    const { settings, network } = props;
    this.cluster = new Cluster(this, 'Cluster', {
      clusterName: clusterName(settings),
      vpc: network.vpc,
      enableFargateCapacityProviders: true,
      containerInsightsV2: ContainerInsights.DISABLED,
    });
    Validations.of(this.cluster).acknowledge({
      id: 'AwsSolutions-ECS4',
      reason:
        'The supervisor writes what Container Insights could not know (slots, owners, leases) for the price of ' +
        'five metrics; Insights would cost more than a small fleet.',
    });
    this.service = new FargateService(this, 'Service', {
      cluster: this.cluster,
      taskDefinition: this.#taskDefinition(props),
      assignPublicIp: true,
      // One task, until scaling sets the number.
      ...(settings.workers.minTasks === 0 ? { desiredCount: 0 } : {}),
      vpcSubnets: { subnetType: SubnetType.PUBLIC },
      securityGroups: [network.workerSecurityGroup],
      capacityProviderStrategies: [
        { capacityProvider: 'FARGATE', base: settings.workers.onDemandBase, weight: 1 },
        ...(settings.workers.spotWeight === 0
          ? []
          : [{ capacityProvider: 'FARGATE_SPOT', weight: settings.workers.spotWeight }]),
      ],
      minHealthyPercent: 100,
      maxHealthyPercent: 200,
      circuitBreaker: { rollback: true },
      enableExecuteCommand: false,
    });
    this.#tellSupervisor(props.supervisor);
  }

  #taskDefinition({ settings, data, backendUrl }: WorkersStackProps): FargateTaskDefinition {
    const { workers } = settings;
    const task = new FargateTaskDefinition(this, 'Task', {
      cpu: workers.cpu,
      memoryLimitMiB: workers.memoryMiB,
      runtimePlatform: {
        cpuArchitecture: CpuArchitecture.ARM64,
        operatingSystemFamily: OperatingSystemFamily.LINUX,
      },
      volumes: [{ name: 'tmp' }],
    });
    const logGroup = new LogGroup(this, 'Logs', {
      retention: settings.logRetentionDays,
      removalPolicy: settings.ephemeral ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
    });
    const { secret } = data.workerTokens;
    const container = task.addContainer('worker', {
      image: this.#image(workers.image),
      portMappings: [{ containerPort: WORKER_PORT }],
      environment: {
        WORKER_PORT: String(WORKER_PORT),
        WORKER_MAX_SESSIONS: String(workers.maxSessionsPerTask),
        WORKER_ENVIRONMENT: settings.environment,
        BACKEND_URL: backendUrl,
        S3_REGION: this.region,
        LOG_LEVEL: settings.logLevel,
        // WhatsApp refuses the version that a release pins some weeks later (405). A sandbox accepts any.
        ...(settings.network === 'live' ? { WHATSAPP_VERSION: 'auto' } : {}),
        ...data.objects.variables,
      },
      secrets: {
        WORKER_AUTH_TOKEN: Secret.fromSecretsManager(secret, 'current'),
        // Also accepted: after a rotation, this task's `current` is what the control plane calls `previous`.
        WORKER_AUTH_TOKEN_PREVIOUS: Secret.fromSecretsManager(secret, 'next'),
      },
      logging: LogDrivers.awsLogs({
        logGroup,
        streamPrefix: 'worker',
        // A slow log must not stop a session; lines that do not fit are dropped.
        mode: AwsLogDriverMode.NON_BLOCKING,
      }),
      healthCheck: {
        command: ['CMD', 'node', '-e', HEALTH_CHECK],
        interval: Duration.seconds(15),
        timeout: Duration.seconds(5),
        retries: 3,
        startPeriod: Duration.seconds(30),
      },
      stopTimeout: STOP_TIMEOUT,
      readonlyRootFilesystem: true,
      linuxParameters: new LinuxParameters(this, 'Linux', { initProcessEnabled: true }),
    });
    container.addMountPoints({ containerPath: '/tmp', sourceVolume: 'tmp', readOnly: false });
    this.#grant(task, data);
    return task;
  }

  #image(name: string | undefined): ContainerImage {
    if (name !== undefined) return ContainerImage.fromRegistry(name);
    const asset = new DockerImageAsset(this, 'Image', {
      directory: REPOSITORY_ROOT,
      file: join('worker', 'Dockerfile'),
      platform: Platform.LINUX_ARM64,
      exclude: ['**', ...IMAGE_SOURCES],
    });
    return ContainerImage.fromDockerImageAsset(asset);
  }

  #grant(task: FargateTaskDefinition, data: DataStack): void {
    data.objects.grant(task.taskRole, {
      actions: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:PutObjectTagging'],
      prefixes: ['sessions/', 'media/', 'temp/', 'workers/'],
      list: true,
    });
    task.addToTaskRolePolicy(this.#taskProtection());
    Validations.of(task).acknowledge({
      id: 'AwsSolutions-ECS2',
      reason:
        'Only addresses, limits and modes are given as variables; the tokens come from Secrets Manager.',
    });
    Validations.of(task).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'ecr:GetAuthorizationToken knows no resources; pulling is bounded to the one repository.',
    });
  }

  /** A worker protects its own task from scale-in while it has sessions. */
  #taskProtection(): PolicyStatement {
    return new PolicyStatement({
      effect: Effect.ALLOW,
      actions: ['ecs:GetTaskProtection', 'ecs:UpdateTaskProtection'],
      resources: [
        this.formatArn({ service: 'ecs', resource: 'task', resourceName: `${this.cluster.clusterName}/*` }),
      ],
    });
  }

  /** A stopped task proves its worker's death: its sessions move at once instead of when the lease ends. */
  #tellSupervisor({ target }: ControlPlaneFunction): void {
    new Rule(this, 'TaskStopped', {
      description: 'A worker task has stopped: the supervisor fences it and places its sessions',
      eventPattern: {
        source: ['aws.ecs'],
        detailType: ['ECS Task State Change'],
        detail: { clusterArn: [this.cluster.clusterArn], lastStatus: ['STOPPED'] },
      },
      targets: [new LambdaFunction(target)],
    });
    new Rule(this, 'Deployment', {
      description: 'New workers are coming: the supervisor empties the old ones, session by session',
      eventPattern: {
        source: ['aws.ecs'],
        detailType: ['ECS Deployment State Change'],
        resources: [this.service.serviceArn],
        detail: { eventName: [...DEPLOYMENT_EVENTS] },
      },
      targets: [new LambdaFunction(target)],
    });
  }
}
