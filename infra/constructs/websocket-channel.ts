import { Stack } from 'aws-cdk-lib';
import { WebSocketApi, WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { StageSettings } from '../stages.ts';
import { accessLog } from './access-log.ts';
import { customDomain } from './custom-domain.ts';

/** The WebSocket API without its routes: what others need to push to browsers. */
export class WebSocketChannel extends Construct {
  readonly api: WebSocketApi;
  readonly stage: WebSocketStage;
  readonly variables: { WEBSOCKET_URL: string; WEBSOCKET_CALLBACK_URL: string };

  constructor(scope: Construct, id: string, settings: StageSettings) {
    super(scope, id);
    this.api = new WebSocketApi(this, 'Api', { description: `Events for browsers, ${settings.name}` });
    this.stage = new WebSocketStage(this, 'Stage', {
      webSocketApi: this.api,
      stageName: 'ws',
      autoDeploy: true,
      ...customDomain(this, settings.domain, 'websocketName'),
      throttle: { rateLimit: settings.throttle.ratePerS, burstLimit: settings.throttle.burst },
      accessLogSettings: accessLog(this, settings, {
        event: '$context.eventType',
        connectionId: '$context.connectionId',
      }),
    });
    this.variables = {
      WEBSOCKET_URL: this.#url('ws', settings),
      WEBSOCKET_CALLBACK_URL: this.#url('http', settings),
    };
  }

  /** `ws`: where browsers connect; `http`: where frames are posted to. */
  #url(kind: 'ws' | 'http', { emulatorUrl, domain }: StageSettings): string {
    if (emulatorUrl !== undefined)
      return `${emulatorUrl.replace(/^http/, kind)}/_aws/execute-api/${this.api.apiId}/${this.stage.stageName}`;
    if (kind === 'http') return this.stage.callbackUrl;
    return domain === undefined ? this.stage.url : `wss://${domain.websocketName}`;
  }

  /** The right to send to a connection and to close it. */
  grantPush(grantee: IGrantable): void {
    Grant.addToPrincipal({
      grantee,
      actions: ['execute-api:ManageConnections'],
      resourceArns: ['POST', 'DELETE'].map((method) =>
        Stack.of(this).formatArn({
          service: 'execute-api',
          resource: this.api.apiId,
          resourceName: `${this.stage.stageName}/${method}/@connections/*`,
        }),
      ),
    });
  }
}
