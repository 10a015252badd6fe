import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nextRestart } from '../../../local/workers/supervise-worker.ts';
import { joinCertificates, workerEnvironment } from '../../../local/workers/worker-environment.ts';
import { parseWorkerEnv } from '../../../worker/env.ts';
import { temporaryFolder } from '../temporary-folder.ts';

describe('nextRestart', () => {
  it('nextRestart is a second for a worker that has run for a while', () => {
    expect(nextRestart({ quickFailures: 4 }, 60_000)).toEqual({ quickFailures: 0, delayMs: 1000 });
  });

  it('nextRestart grows, up to a bound, for one that falls over at once', () => {
    let state = { quickFailures: 0, delayMs: 0 };
    const delays = Array.from({ length: 7 }, () => {
      state = nextRestart(state, 50);
      return state.delayMs;
    });
    expect(delays).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  });
});

const OBJECTS = {
  endpoint: 'http://127.0.0.1:4566',
  bucket: 'gateway',
  region: 'us-east-1',
  accessKeyId: 'local',
  secretAccessKey: 'local',
  close: async () => {},
};

describe('workerEnvironment', () => {
  it('workerEnvironment is one that a worker accepts, and says all it needs', () => {
    const env = workerEnvironment({
      inherited: { PATH: '/usr/bin' },
      backendUrl: 'http://127.0.0.1:8000',
      workerToken: 'the-token-of-workers',
      objects: OBJECTS,
      whatsapp: { url: 'ws://127.0.0.1:9443/ws/chat', noiseRootHex: 'ab'.repeat(32) },
      whatsappVersion: undefined,
      caCertsPath: '/tmp/ca.pem',
      logLevel: 'info',
      version: '0.1.0',
    });
    expect(parseWorkerEnv(env)).toMatchObject({
      backendUrl: 'http://127.0.0.1:8000',
      tokens: ['the-token-of-workers'],
      storage: { kind: 's3', bucket: 'gateway', forcePathStyle: true },
      whatsapp: { url: 'ws://127.0.0.1:9443/ws/chat', noiseRootHex: 'ab'.repeat(32) },
    });
    expect(env).toMatchObject({ PATH: '/usr/bin', NODE_EXTRA_CA_CERTS: '/tmp/ca.pem' });
  });
});

describe('a worker of this machine', () => {
  const around = {
    inherited: {},
    backendUrl: 'http://127.0.0.1:8000',
    workerToken: 'the-token-of-workers',
    objects: OBJECTS,
    whatsappVersion: undefined,
    caCertsPath: undefined,
    logLevel: 'info',
    version: '0.1.0',
  };
  const sandbox = { url: 'ws://127.0.0.1:9443/ws/chat', noiseRootHex: 'ab'.repeat(32) };

  it.each([
    ['asks for the current version of WhatsApp Web for WhatsApp itself', undefined, undefined, 'auto'],
    ['asks nobody for the sandbox', sandbox, undefined, undefined],
    ['presents the version that is set', undefined, '2.3000.1030000000', '2.3000.1030000000'],
    ['presents the version that is set to the sandbox too', sandbox, 'auto', 'auto'],
  ])('%s', (_what, whatsapp, whatsappVersion, expected) => {
    expect(workerEnvironment({ ...around, whatsapp, whatsappVersion })['WHATSAPP_VERSION']).toBe(expected);
  });
});

describe('joinCertificates', () => {
  it('joinCertificates leaves one file as it is, and makes one of several', async () => {
    const folder = temporaryFolder();
    const [a, b, target] = ['a.pem', 'b.pem', 'joined.pem'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    writeFileSync(a, 'A\n');
    writeFileSync(b, 'B\n');
    expect(await joinCertificates([a], target)).toBe(a);
    expect(await joinCertificates([], target)).toBeUndefined();
    expect(await joinCertificates([a, b], target)).toBe(target);
    expect(readFileSync(target, 'utf8')).toBe('A\nB');
  });
});
