import { type RunningEmulator, startProgram } from './start-program.ts';

export function startMiniStack(): Promise<RunningEmulator> {
  return startProgram({
    requirements: 'localstack/requirements.txt',
    program: 'ministack',
    env: (port) => ({ BIND_HOST: '127.0.0.1', MINISTACK_HOST: '127.0.0.1', GATEWAY_PORT: String(port) }),
  });
}
