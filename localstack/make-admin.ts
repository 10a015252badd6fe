import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createClient } from '../shared/contract/client.ts';
import { controlRoutes } from '../shared/control-routes.ts';
import type { Emulator } from './env.ts';
import type { Deployed } from './read-deployed.ts';

const SCRIPT = join(import.meta.dirname, '..', 'functions', 'users', 'create-admin.ts');
const ADMIN = { email: 'admin@example.com', password: 'correct horse battery' };

/** An administrator as an operator makes one, by the project's own command. @returns the access token of a login */
export async function makeAdmin(emulator: Emulator, { apiUrl, tableName }: Deployed): Promise<string> {
  const child = spawn(process.execPath, [SCRIPT, '--email', ADMIN.email], {
    env: { ...emulator.childEnvironment, TABLE_NAME: tableName, DYNAMODB_ENDPOINT: emulator.url },
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  child.stdin.end(`${ADMIN.password}\n`);
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`create-admin ended with ${String(code)}`);
  const { data } = await createClient(controlRoutes, { baseUrl: apiUrl }).login({ body: ADMIN });
  return data.accessToken;
}
