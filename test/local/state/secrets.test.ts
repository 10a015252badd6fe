import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseLocalEnv } from '../../../local/env.ts';
import { loadSecrets } from '../../../local/state/secrets.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const NOTHING = parseLocalEnv({});

describe('loadSecrets', () => {
  it('loadSecrets makes secrets up once, keeps them for their owner only, and shows them once', async () => {
    const path = join(temporaryFolder(), 'secrets.json');
    const first = await loadSecrets(path, NOTHING);
    const second = await loadSecrets(path, NOTHING);
    expect(second).toMatchObject({ jwtSecret: first.jwtSecret, adminPassword: first.adminPassword });
    expect([...first.madeUp]).toEqual(['workerToken', 'adminPassword']);
    expect([...second.madeUp]).toEqual([]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('loadSecrets prefers what the environment names, shows none of it, and does not keep it', async () => {
    const path = join(temporaryFolder(), 'secrets.json');
    const env = parseLocalEnv({
      ADMIN_EMAIL: 'ada@example.com',
      ADMIN_PASSWORD: 'correct horse',
      WORKER_AUTH_TOKEN: 'a-token-of-sixteen',
    });
    const secrets = await loadSecrets(path, env);
    expect(secrets).toMatchObject({
      adminEmail: 'ada@example.com',
      adminPassword: 'correct horse',
      workerToken: 'a-token-of-sixteen',
    });
    expect([...secrets.madeUp]).toEqual([]);
    expect(readFileSync(path, 'utf8')).not.toContain('correct horse');
  });

  it('loadSecrets keeps nothing without a folder', async () => {
    const [one, other] = [await loadSecrets(undefined, NOTHING), await loadSecrets(undefined, NOTHING)];
    expect(one.jwtSecret).not.toBe(other.jwtSecret);
  });

  it('loadSecrets says that a damaged file is damaged, and nothing of what stands in it', async () => {
    const path = join(temporaryFolder(), 'secrets.json');
    writeFileSync(path, '{"jwtSecret":"hunter2"}');
    const failure = await loadSecrets(path, NOTHING).catch((thrown: unknown) => String(thrown));
    expect(failure).toContain('damaged');
    expect(failure).not.toContain('hunter2');
  });
});
