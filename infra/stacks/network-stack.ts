import { Duration, Stack, type StackProps, Validations } from 'aws-cdk-lib';
import {
  CfnSecurityGroup,
  GatewayVpcEndpointAwsService,
  IpAddresses,
  type ISecurityGroup,
  Peer,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { bundledCode } from '../constructs/bundled-code.ts';
import { GatewayFunction } from '../constructs/gateway-function.ts';
import type { StageSettings } from '../stages.ts';

export const WORKER_PORT = 8001;
const VPC_CIDR = '10.20.0.0/16';

/**
 * Public subnets for the workers, which connect to WhatsApp themselves, and isolated ones for the relay.
 * Without NAT gateways and interface endpoints, the network costs nothing at rest.
 */
export class NetworkStack extends Stack {
  readonly vpc: Vpc;
  readonly workerSecurityGroup: ISecurityGroup;
  readonly relay: GatewayFunction;
  readonly variables: { RELAY_FUNCTION_NAME: string };

  constructor(scope: Construct, id: string, props: StackProps & { settings: StageSettings }) {
    super(scope, id, props);
    this.vpc = new Vpc(this, 'Vpc', {
      ipAddresses: IpAddresses.cidr(VPC_CIDR),
      maxAzs: 2,
      natGateways: 0,
      subnetConfiguration: [
        // 8,000 addresses, one per task.
        { name: 'workers', subnetType: SubnetType.PUBLIC, cidrMask: 19, mapPublicIpOnLaunch: false },
        { name: 'relay', subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 24 },
      ],
      gatewayEndpoints: { S3: { service: GatewayVpcEndpointAwsService.S3 } },
    });
    Validations.of(this.vpc).acknowledge({
      id: 'AwsSolutions-VPC7',
      reason:
        'Flow logs are billed by volume, and every media byte of every tenant crosses this VPC. The one inbound ' +
        'path is the relay, whose calls are logged with their request ids.',
    });
    const relayGroup = this.#relaySecurityGroup();
    this.workerSecurityGroup = this.#workerSecurityGroup(relayGroup);
    this.relay = new GatewayFunction(this, 'Relay', {
      name: 'relay',
      settings: props.settings,
      description: 'Forwards calls to workers with private addresses; has no rights of its own',
      code: bundledCode('relay'),
      environment: {},
      memoryMiB: 256,
      timeout: Duration.seconds(28),
      vpc: { vpc: this.vpc, subnets: { subnetGroupName: 'relay' }, securityGroup: relayGroup },
    });
    this.variables = { RELAY_FUNCTION_NAME: this.relay.function.functionName };
  }

  #relaySecurityGroup(): SecurityGroup {
    const group = new SecurityGroup(this, 'RelayGroup', {
      vpc: this.vpc,
      description: 'The relay: reaches workers, is reached by nobody',
      allowAllOutbound: false,
    });
    group.addEgressRule(Peer.ipv4(VPC_CIDR), Port.tcp(WORKER_PORT), 'The worker API');
    return group;
  }

  /** The rule is part of the group, so that both are one resource. */
  #workerSecurityGroup(relay: SecurityGroup): ISecurityGroup {
    const group = new CfnSecurityGroup(this, 'WorkerGroup', {
      vpcId: this.vpc.vpcId,
      groupDescription: 'Workers: called by the relay only, free to dial out',
      securityGroupIngress: [
        {
          ipProtocol: 'tcp',
          fromPort: WORKER_PORT,
          toPort: WORKER_PORT,
          sourceSecurityGroupId: relay.securityGroupId,
          description: 'The worker API, from the relay',
        },
      ],
      securityGroupEgress: [{ ipProtocol: '-1', cidrIp: '0.0.0.0/0', description: 'WhatsApp, media, AWS' }],
    });
    return SecurityGroup.fromSecurityGroupId(this, 'Workers', group.attrGroupId, { mutable: false });
  }

  grantRelay(grantee: IGrantable): void {
    Grant.addToPrincipal({
      grantee,
      actions: ['lambda:InvokeFunction'],
      resourceArns: [this.relay.function.functionArn],
    });
  }
}
