import { App, type AppProps, Validations } from 'aws-cdk-lib';
import { GatewayStage } from './gateway-stage.ts';
import { ReviewedChecks } from './reviewed-checks.ts';
import { AccountStack } from './stacks/account-stack.ts';
import { STAGES, type StageSettings } from './stages.ts';

/** The CDK app with these stages; tests pass their own. */
export function createApp(
  stages: readonly StageSettings[] = Object.values(STAGES),
  props: AppProps = {},
): { app: App; stages: GatewayStage[] } {
  const app = new App(props);
  Validations.of(app).addPlugins(new ReviewedChecks(app));
  new AccountStack(app, 'account', { stackName: 'whatsapp-gateway-account' });
  return { app, stages: stages.map((settings) => new GatewayStage(app, settings)) };
}
