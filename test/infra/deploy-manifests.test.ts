import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseWorkerEnv } from '../../worker/env.ts';

const read = (file: string) => readFileSync(join(import.meta.dirname, '../../deploy', file), 'utf8');

/** `NAME: value` pairs of the ConfigMap, which is flat. */
function configMap(): Record<string, string> {
  const [, data = ''] = /^data:\n((?: {2}.+\n)+)/m.exec(read('kubernetes/worker.yaml')) ?? [];
  const pairs = data
    .trimEnd()
    .split('\n')
    .filter((line) => !line.startsWith('  #'))
    .map((line) => /^ {2}(\w+): "?([^"]*)"?$/.exec(line)?.slice(1) ?? []);
  return Object.fromEntries(pairs.map(([name = '', value = '']) => [name, value]));
}

describe('manifests for workers elsewhere', () => {
  it('manifests for workers elsewhere set what a worker understands, and nothing else', () => {
    const env = parseWorkerEnv({
      ...configMap(),
      WORKER_AUTH_TOKEN: 'a-token-of-the-secret',
      WORKER_ID: 'whatsapp-worker-0',
      WORKER_ENDPOINT: 'https://whatsapp-worker-0.workers.example.com',
    });
    expect(env).toMatchObject({ environment: 'PRODUCTION', port: 8001, maxSessions: 50 });
    expect(env.storage.kind).toBe('s3');
    expect(env.whatsapp.version).toBe('auto');
  });

  it('manifests for workers elsewhere look up which version of WhatsApp Web is the current one, unless told another', () => {
    expect(configMap()).toMatchObject({ WHATSAPP_VERSION: 'auto' });
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Compose reads it.
    expect(read('compose/compose.yaml')).toContain('      WHATSAPP_VERSION: ${WHATSAPP_VERSION:-auto}\n');
  });

  it.each(['kubernetes/worker.yaml', 'compose/compose.yaml'])(
    '%s gives a worker time to hand over, no root and no writable disk',
    (file) => {
      const text = read(file);
      expect(text).toMatch(/terminationGracePeriodSeconds: 60|stop_grace_period: 60s/);
      expect(text).toMatch(/readOnlyRootFilesystem: true|read_only: true/);
      expect(text).toMatch(/drop: \[ALL\]|cap_drop: \[ALL\]/);
    },
  );

  it('manifests for workers elsewhere hold no token and no key', () => {
    for (const file of ['kubernetes/worker.yaml', 'compose/compose.yaml'])
      expect(read(file)).not.toMatch(/(TOKEN|SECRET\w*KEY)\w*: (?!\$\{)\S/);
  });
});
