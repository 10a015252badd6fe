import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import * as z from 'zod';
import type { LocalEnv } from '../env.ts';

const Secrets = z.object({
  jwtSecret: z.string().min(32),
  workerToken: z.string().min(16),
  adminEmail: z.string(),
  adminPassword: z.string().min(8),
});
export type Secrets = z.infer<typeof Secrets>;

const DEFAULT_ADMIN_EMAIL = 'admin@localhost.dev';
const secret = (bytes: number) => randomBytes(bytes).toString('base64url');

function makeUp(): Secrets {
  return {
    jwtSecret: secret(48),
    workerToken: secret(32),
    adminEmail: DEFAULT_ADMIN_EMAIL,
    adminPassword: secret(12),
  };
}

async function readKept(path: string): Promise<Secrets | undefined> {
  try {
    return Secrets.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    // The file's content must not appear in an error message.
    throw new Error('secrets.json is damaged');
  }
}

/** The secrets of the run, and which of them are new and have to be shown. */
export interface LocalSecrets extends Secrets {
  madeUp: ReadonlySet<'workerToken' | 'adminPassword'>;
}

/**
 * Values of the environment win for this run; the others are made once and kept, readable by their owner
 * only.
 */
export async function loadSecrets(path: string | undefined, env: LocalEnv): Promise<LocalSecrets> {
  const kept = path === undefined ? undefined : await readKept(path);
  const base = kept ?? makeUp();
  if (path !== undefined && kept === undefined)
    await writeFile(path, JSON.stringify(base, undefined, 2), { mode: 0o600 });
  const madeUp = new Set<'workerToken' | 'adminPassword'>();
  if (kept === undefined && env.WORKER_AUTH_TOKEN === undefined) madeUp.add('workerToken');
  if (kept === undefined && env.ADMIN_PASSWORD === undefined) madeUp.add('adminPassword');
  return {
    jwtSecret: base.jwtSecret,
    workerToken: env.WORKER_AUTH_TOKEN ?? base.workerToken,
    adminEmail: env.ADMIN_EMAIL ?? base.adminEmail,
    adminPassword: env.ADMIN_PASSWORD ?? base.adminPassword,
    madeUp,
  };
}
