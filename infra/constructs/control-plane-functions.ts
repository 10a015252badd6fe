import { type Duration, Stack } from 'aws-cdk-lib';
import { Grant, type Role } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import manifest from '../../package.json' with { type: 'json' };
import type { LambdaEnvironment } from '../functions/environment.ts';
import { RIGHTS, type Rights } from '../functions/rights.ts';
import type { DataStack } from '../stacks/data-stack.ts';
import type { NetworkStack } from '../stacks/network-stack.ts';
import type { FunctionName, StageSettings } from '../stages.ts';
import { bundledCode } from './bundled-code.ts';
import { GatewayFunction } from './gateway-function.ts';
import type { WebSocketChannel } from './websocket-channel.ts';

export interface Surroundings {
  settings: StageSettings;
  data: DataStack;
  network: NetworkStack;
  channel: WebSocketChannel;
}

export interface ControlPlaneFunctionProps extends Surroundings {
  name: FunctionName;
  description: string;
  /** Variables beside those that every function has. */
  environment?: Record<string, string>;
  timeout?: Duration;
  memoryMiB?: number;
}

/**
 * The environment of a function, complete by its type. Knowing a name gives no right to the thing, but names
 * of things that a function would use at once are set only together with the right.
 */
export function environmentOf(
  { settings, data, network, channel }: Surroundings,
  { secrets, callsWorkers }: Rights,
): LambdaEnvironment {
  // Beside an emulator, workers run on this machine and are called directly.
  const relayed = callsWorkers === true && settings.emulatorUrl === undefined;
  return {
    ENVIRONMENT: settings.environment,
    VERSION: manifest.version,
    LOG_LEVEL: settings.logLevel,
    NETWORK: settings.network,
    JWT_SECRET_ARN: secrets.includes('jwt') ? data.jwtSecret.secret.secretArn : undefined,
    WORKER_TOKENS_SECRET_ARN: secrets.includes('workerTokens')
      ? data.workerTokens.secret.secretArn
      : undefined,
    DELIVERY_QUEUE_URL: data.deliveries.queue.queueUrl,
    DELIVERY_DEAD_LETTER_QUEUE_URL: data.deliveries.deadLetters.queueUrl,
    OUTBOX_QUEUE_URL: data.outbox.queue.queueUrl,
    ...data.table.variables,
    ...data.objects.variables,
    S3_ENDPOINT: settings.emulatorUrl,
    SES_ENDPOINT: settings.emulatorUrl,
    MAIL_SENDER: settings.mailSender,
    RELAY_FUNCTION_NAME: relayed ? network.variables.RELAY_FUNCTION_NAME : undefined,
    ...channel.variables,
  };
}

function withoutUndefined(variables: Record<string, string | undefined>): Record<string, string> {
  const set = Object.entries(variables).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return Object.fromEntries(set);
}

/** The right to send mail from one address, through the identity of its domain. */
function grantMail(grantee: Role, sender: string): void {
  const resourceName = sender.split('@').at(-1) ?? sender;
  Grant.addToPrincipal({
    grantee,
    actions: ['ses:SendEmail'],
    resourceArns: [Stack.of(grantee).formatArn({ service: 'ses', resource: 'identity', resourceName })],
    conditions: { StringEquals: { 'ses:FromAddress': sender } },
  });
}

/** A function of the control plane with exactly the rights that `RIGHTS` gives it. */
export class ControlPlaneFunction extends GatewayFunction {
  constructor(scope: Construct, id: string, props: ControlPlaneFunctionProps) {
    const { name, environment, ...rest } = props;
    super(scope, id, {
      ...rest,
      name,
      code: bundledCode(name),
      environment: withoutUndefined({ ...environmentOf(props, RIGHTS[name]), ...environment }),
    });
    this.#grant(props);
  }

  #grant({ name, settings, data, network, channel }: ControlPlaneFunctionProps): void {
    const rights = RIGHTS[name];
    const { role } = this;
    data.table.grant(role, rights.table);
    for (const right of rights.objects ?? []) data.objects.grant(role, right);
    const send = {
      deliveries: () => data.deliveries.grantSend(role),
      deliveryDeadLetters: () => data.deliveries.grantSend(role, 'deadLetters'),
      outbox: () => data.outbox.grantSend(role),
    };
    for (const queue of rights.sendsTo ?? []) send[queue]();
    if (rights.secrets.includes('jwt')) data.jwtSecret.grantRead(role);
    if (rights.secrets.includes('workerTokens')) data.workerTokens.grantRead(role);
    if (rights.pushes === true) channel.grantPush(role);
    if (rights.callsWorkers === true) network.grantRelay(role);
    if (rights.mails === true && settings.mailSender !== undefined) grantMail(role, settings.mailSender);
  }
}
