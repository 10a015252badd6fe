/** Where the demo finds the running gateway. */
export interface DemoEnv {
  gatewayUrl: string;
  sandboxUrl: string;
}

export function readDemoEnv(): DemoEnv {
  const port = process.env['PORT'] ?? '8000';
  return {
    gatewayUrl: process.env['GATEWAY_URL'] ?? `http://127.0.0.1:${port}`,
    sandboxUrl: process.env['SANDBOX_URL'] ?? 'http://127.0.0.1:8090',
  };
}
