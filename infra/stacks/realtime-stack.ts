import { CfnOutput, Stack, type StackProps, Validations } from 'aws-cdk-lib';
import { WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { Construct } from 'constructs';
import { ControlPlaneFunction } from '../constructs/control-plane-functions.ts';
import { WebSocketChannel } from '../constructs/websocket-channel.ts';
import type { StageSettings } from '../stages.ts';
import type { DataStack } from './data-stack.ts';
import type { NetworkStack } from './network-stack.ts';

interface RealtimeStackProps extends StackProps {
  settings: StageSettings;
  data: DataStack;
  network: NetworkStack;
}

/** The WebSocket API and the one function behind its three routes. */
export class RealtimeStack extends Stack {
  readonly channel: WebSocketChannel;
  readonly function: ControlPlaneFunction;

  constructor(scope: Construct, id: string, props: RealtimeStackProps) {
    super(scope, id, props);
    const { settings, data, network } = props;
    this.channel = new WebSocketChannel(this, 'Channel', settings);
    this.function = new ControlPlaneFunction(this, 'Realtime', {
      name: 'realtime',
      description: 'Admits browsers, keeps their subscriptions',
      settings,
      data,
      network,
      channel: this.channel,
    });
    for (const key of ['$connect', '$disconnect', '$default'])
      this.channel.api.addRoute(key, {
        integration: new WebSocketLambdaIntegration(key.slice(1), this.function.target),
      });
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-APIG4',
      reason:
        'The function refuses $connect itself: it has to read the token in order to know whose events to send.',
    });
    new CfnOutput(this, 'WebSocketUrl', { value: this.channel.variables.WEBSOCKET_URL });
  }
}
