import { App, type AppProps, Validations } from 'aws-cdk-lib';
import { GatewayStage } from './gateway-stage.ts';
import { ReviewedChecks } from './reviewed-checks.ts';
import { AccountStack } from './stacks/account-stack.ts';
import { STAGES, type StageSettings } from './stages.ts';

/** Creates the CDK app of all stages; tests and emulators pass their own. */
export function createApp(
  props: AppProps = {},
  stages: readonly StageSettings[] = Object.values(STAGES),
): { app: App; checks: ReviewedChecks; stages: GatewayStage[] } {
  const app = new App(props);
  const checks = new ReviewedChecks(app);
  Validations.of(app).addPlugins(checks);
  new AccountStack(app, 'account', { stackName: 'whatsapp-gateway-account' });
  return {
    app,
    checks,
    stages: stages.map((settings) => new GatewayStage(app, settings)),
  };
}
