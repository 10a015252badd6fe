import { App, type AppProps } from 'aws-cdk-lib';
import { GatewayStage } from './gateway-stage.ts';
import { STAGES, type StageSettings } from './stages.ts';

/** The CDK app with these stages; tests pass their own. */
export function createApp(
  stages: readonly StageSettings[] = Object.values(STAGES),
  props: AppProps = {},
): { app: App; stages: GatewayStage[] } {
  const app = new App(props);
  return { app, stages: stages.map((settings) => new GatewayStage(app, settings)) };
}
