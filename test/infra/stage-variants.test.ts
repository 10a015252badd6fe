import { describe, expect, it } from 'vitest';
import { createApp } from '../../infra/create-app.ts';
import { emulated, STAGES, type StageSettings } from '../../infra/stages.ts';

/** The templates of one stage, as JSON text by stack. */
function templatesOf(settings: StageSettings): Record<string, string> {
  const context = { 'aws:cdk:bundling-stacks': [] };
  const { app } = createApp({ context, analyticsReporting: false }, [settings]);
  const { stacks } = app.synth().getNestedAssembly(`assembly-${settings.name}`);
  return Object.fromEntries(stacks.map(({ stackName, template }) => [stackName, JSON.stringify(template)]));
}

/** A second each on an idle machine; tests run beside others. */
const SYNTHESIS_TIMEOUT_MS = 120_000;

describe('a stage', { timeout: SYNTHESIS_TIMEOUT_MS }, () => {
  it('a stage with a domain answers and is announced under its names, with TLS 1.2', () => {
    const templates = templatesOf({
      ...STAGES.production,
      domain: {
        apiName: 'api.example.com',
        websocketName: 'ws.example.com',
        certificateArn: 'arn:aws:acm:eu-west-1:111122223333:certificate/1',
      },
    });
    const api = templates['whatsapp-gateway-production-api'] ?? '';
    expect(api).toContain('"DomainName":"api.example.com"');
    expect(api).toContain('"SecurityPolicy":"TLS_1_2"');
    expect(api).toContain('"WEBSOCKET_URL":"wss://ws.example.com"');
    expect(templates['whatsapp-gateway-production-workers']).toContain('https://api.example.com');
  });

  it('a stage in an emulator is told the emulator’s addresses, and of no relay', () => {
    const templates = templatesOf(emulated(STAGES.dev, 'http://127.0.0.1:4566/'));
    const api = templates['whatsapp-gateway-dev-api'] ?? '';
    expect(api).toContain('http://127.0.0.1:4566/_aws/execute-api/');
    expect(api).not.toContain('RELAY_FUNCTION_NAME');
    // Its network is a sandbox, so there is nothing to ask outside.
    const workers = templates['whatsapp-gateway-dev-workers'] ?? '';
    expect(workers).toContain('"Name":"WORKER_MAX_SESSIONS"');
    expect(workers).not.toContain('WHATSAPP_VERSION');
  });
});
