import { Stage, type StageProps, Tags } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ApiStack } from './stacks/api-stack.ts';
import { BackgroundStack } from './stacks/background-stack.ts';
import { DataStack } from './stacks/data-stack.ts';
import { NetworkStack } from './stacks/network-stack.ts';
import { ObservabilityStack } from './stacks/observability-stack.ts';
import { RealtimeStack } from './stacks/realtime-stack.ts';
import { UpkeepStack } from './stacks/upkeep-stack.ts';
import { WorkerScalingStack } from './stacks/worker-scaling-stack.ts';
import { WorkersStack } from './stacks/workers-stack.ts';
import type { StageSettings } from './stages.ts';

interface Named {
  settings: StageSettings;
  stackName: string;
}

/** One gateway: the stacks of a stage. */
export class GatewayStage extends Stage {
  readonly data: DataStack;
  readonly network: NetworkStack;
  readonly realtime: RealtimeStack;
  readonly api: ApiStack;
  readonly background: BackgroundStack;

  constructor(scope: Construct, settings: StageSettings, props: StageProps = {}) {
    super(scope, settings.name, props);
    const named = (part: string): Named => ({
      settings,
      stackName: `whatsapp-gateway-${settings.name}-${part}`,
    });
    this.data = new DataStack(this, 'data', named('data'));
    this.network = new NetworkStack(this, 'network', named('network'));
    const { data, network } = this;
    this.realtime = new RealtimeStack(this, 'realtime', { ...named('realtime'), data, network });
    const surroundings = { settings, data, network, channel: this.realtime.channel };
    this.api = new ApiStack(this, 'api', { ...named('api'), ...surroundings });
    this.background = new BackgroundStack(this, 'background', { ...named('background'), ...surroundings });
    const { supervisor, delivery, outbox } = this.background;
    const { rotation } = this.#addWorkers(settings, named);
    new ObservabilityStack(this, 'observability', {
      ...named('observability'),
      data,
      api: this.api.api,
      background: [supervisor, delivery, outbox, this.realtime.function, network.relay],
      rotation,
    });
    Tags.of(this).add('project', 'whatsapp-gateway');
    Tags.of(this).add('stage', settings.name);
  }

  /** Adds the workers, their scaling and their upkeep. */
  #addWorkers(settings: StageSettings, named: (part: string) => Named): UpkeepStack {
    const { data, network, background, api } = this;
    const { cluster, service } = new WorkersStack(this, 'workers', {
      ...named('workers'),
      data,
      network,
      supervisor: background.supervisor,
      backendUrl: api.url({ settings }),
    });
    new WorkerScalingStack(this, 'worker-scaling', {
      ...named('worker-scaling'),
      clusterName: cluster.clusterName,
      service,
    });
    return new UpkeepStack(this, 'upkeep', { ...named('upkeep'), data, service });
  }
}
