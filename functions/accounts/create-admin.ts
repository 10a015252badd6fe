import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { createPasswordHasher } from '../../shared/accounts/password.ts';
import { Email, Password } from '../../shared/accounts/schema.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { fromZod } from '../../shared/errors/from-zod.ts';
import { openTable } from '../../shared/table/table.ts';
import { createTableClient } from '../../shared/table/table-client.ts';
import { createStores } from '../create-deps.ts';
import { readTableEnv } from '../env.ts';
import { ensureAdmin } from './ensure-admin.ts';

const HELP = `Makes sure that there is an administrator with this address and password.

  TABLE_NAME=… AWS_REGION=… npx node functions/accounts/create-admin.ts --email ada@example.com

The password is read from standard input, one line, so that it is in no list of processes and no history:

  printf '%s\\n' "$PASSWORD" | npx node functions/accounts/create-admin.ts --email ada@example.com

Credentials of AWS are taken as usual (environment, profile, role); TABLE_NAME is an output of the data stack.
An address that belongs to a tenant is refused; an administrator's gets the password named.`;

async function readPassword(): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await lines.question(process.stdin.isTTY ? 'Password: ' : '');
  } finally {
    lines.close();
  }
}

async function main(): Promise<void> {
  const options = { email: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const;
  const { values } = parseArgs({ options });
  if (values.help === true || values.email === undefined) {
    console.log(HELP);
    process.exitCode = values.help === true ? 0 : 1;
    return;
  }
  const email = Email.safeParse(values.email);
  if (!email.success) throw fromZod(email.error, 'environment');
  const env = readTableEnv();
  const password = Password.safeParse(await readPassword());
  if (!password.success) throw fromZod(password.error, 'environment');
  const { AWS_REGION: region, DYNAMODB_ENDPOINT: endpoint } = env;
  const client = createTableClient({ region, endpoint });
  const stores = createStores(openTable(client, env.TABLE_NAME), Date.now);
  const passwords = createPasswordHasher();
  const { userId } = await ensureAdmin({ stores, passwords }, { email: email.data, password: password.data });
  console.log(`${email.data} is an administrator (${userId}).`);
}

try {
  await main();
} catch (error) {
  console.error(error instanceof AppError ? error.message : error);
  process.exitCode = 1;
}
