import { Stage, type StageProps, Tags } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ApiStack } from './stacks/api-stack.ts';
import { DataStack } from './stacks/data-stack.ts';
import { NetworkStack } from './stacks/network-stack.ts';
import { RealtimeStack } from './stacks/realtime-stack.ts';
import type { StageSettings } from './stages.ts';

/** One gateway: what a stage's settings make of the stacks. */
export class GatewayStage extends Stage {
  readonly data: DataStack;
  readonly network: NetworkStack;
  readonly realtime: RealtimeStack;
  readonly api: ApiStack;

  constructor(scope: Construct, settings: StageSettings, props: StageProps = {}) {
    super(scope, settings.name, props);
    const named = (part: string) => ({ settings, stackName: `whatsapp-gateway-${settings.name}-${part}` });
    this.data = new DataStack(this, 'data', named('data'));
    this.network = new NetworkStack(this, 'network', named('network'));
    const { data, network } = this;
    this.realtime = new RealtimeStack(this, 'realtime', { ...named('realtime'), data, network });
    const surroundings = { settings, data, network, channel: this.realtime.channel };
    this.api = new ApiStack(this, 'api', { ...named('api'), ...surroundings });
    Tags.of(this).add('project', 'whatsapp-gateway');
    Tags.of(this).add('stage', settings.name);
  }
}
