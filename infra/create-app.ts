import { App, type AppProps, Validations } from 'aws-cdk-lib';
import { GatewayStage } from './gateway-stage.ts';
import { ReviewedChecks } from './reviewed-checks.ts';
import { AccountStack } from './stacks/account-stack.ts';
import { emulated, STAGES, type StageSettings } from './stages.ts';

/** All stages, or with `-c emulator=<url>` the dev stage as the emulator there runs it. */
function stagesFor(app: App): readonly StageSettings[] {
  const emulatorUrl: unknown = app.node.tryGetContext('emulator');
  return typeof emulatorUrl === 'string' ? [emulated(STAGES.dev, emulatorUrl)] : Object.values(STAGES);
}

/** The CDK app; tests pass stages of their own. */
export function createApp(
  props: AppProps = {},
  stages?: readonly StageSettings[],
): { app: App; checks: ReviewedChecks; stages: GatewayStage[] } {
  const app = new App(props);
  const checks = new ReviewedChecks(app);
  Validations.of(app).addPlugins(checks);
  new AccountStack(app, 'account', { stackName: 'whatsapp-gateway-account' });
  return {
    app,
    checks,
    stages: (stages ?? stagesFor(app)).map((settings) => new GatewayStage(app, settings)),
  };
}
