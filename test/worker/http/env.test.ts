import { describe, expect, it } from 'vitest';
import { parseWorkerEnv } from '../../../worker/env.ts';

const LEAST = { BACKEND_URL: 'http://127.0.0.1:8000', WORKER_AUTH_TOKEN: 'worker-secret-token' };

describe('parseWorkerEnv', () => {
  it('needs no more than the control plane and its token', () => {
    expect(parseWorkerEnv(LEAST)).toMatchObject({
      port: 8001,
      maxSessions: 50,
      environment: 'DEVELOPMENT',
      backendUrl: 'http://127.0.0.1:8000',
      tokens: ['worker-secret-token'],
      storage: { kind: 'folder', sessionPath: './sessions', mediaPath: './media' },
    });
  });

  it('takes each setting’s aliases', () => {
    const env = parseWorkerEnv({
      WORKER_ID: 'worker_001',
      PORT: '8005',
      NODE_ENV: 'staging',
      MAX_SESSIONS: '7',
      BACKEND_URL: 'http://localhost:8000',
      BACKEND_AUTH_TOKEN: 'worker-secret-token',
      MINIO_ENDPOINT: 'localhost:9000',
      MINIO_ACCESS_KEY: 'minioadmin',
      MINIO_SECRET_KEY: 'minioadmin',
      MINIO_BUCKET_NAME: 'whatsapp-sessions',
      MINIO_USE_SSL: 'false',
    });
    expect(env).toMatchObject({ workerId: 'worker-001', port: 8005, environment: 'STAGING', maxSessions: 7 });
    expect(env.storage).toMatchObject({
      kind: 's3',
      bucket: 'whatsapp-sessions',
      endpoint: 'http://localhost:9000',
      forcePathStyle: true,
    });
  });

  it('prefers a setting’s own name to its aliases', () => {
    expect(parseWorkerEnv({ ...LEAST, WORKER_PORT: '8002', PORT: '9999' }).port).toBe(8002);
  });

  it('lists every problem in one message, by the names that were used, without their values', () => {
    const broken = () =>
      parseWorkerEnv({ PORT: 'eight', MAX_SESSIONS: '0', LOG_LEVEL: 'loud', S3_ACCESS_KEY_ID: 'AKIASECRET' });
    expect(broken).toThrow(
      /PORT: .*\n.*MAX_SESSIONS: .*\n.*WORKER_AUTH_TOKEN: .*\n.*LOG_LEVEL: .*\n.*BACKEND_URL: .*\n.*S3_ACCESS_KEY_ID: /,
    );
    expect(broken).not.toThrow(/AKIASECRET/);
  });

  it('names contradictions between settings', () => {
    expect(() => parseWorkerEnv({ WORKER_AUTH_TOKEN: 'token' })).toThrow(/BACKEND_URL: .*STANDALONE_MODE/);
    expect(() => parseWorkerEnv({ ...LEAST, S3_ACCESS_KEY_ID: 'a' })).toThrow(/S3_SECRET_ACCESS_KEY/);
  });

  it('needs no control plane when it stands alone', () => {
    expect(
      parseWorkerEnv({ WORKER_AUTH_TOKEN: 'token', STANDALONE_MODE: 'true' }).backendUrl,
    ).toBeUndefined();
  });

  it('refuses another WhatsApp server in production unless that is said explicitly', () => {
    const sandbox = {
      ...LEAST,
      WORKER_ENVIRONMENT: 'production',
      WHATSAPP_WS_URL: 'ws://127.0.0.1:9443',
    };
    expect(() => parseWorkerEnv(sandbox)).toThrow(/ALLOW_CUSTOM_WHATSAPP_SERVER/);
    expect(parseWorkerEnv({ ...sandbox, ALLOW_CUSTOM_WHATSAPP_SERVER: 'true' }).whatsapp.url).toBe(
      'ws://127.0.0.1:9443',
    );
  });

  it('accepts two tokens while one is being rotated, in one variable or in two', () => {
    expect(parseWorkerEnv({ ...LEAST, WORKER_AUTH_TOKEN_PREVIOUS: 'old' }).tokens).toEqual([
      'worker-secret-token',
      'old',
    ]);
    expect(parseWorkerEnv({ ...LEAST, WORKER_AUTH_TOKEN: 'worker-secret-token, old' }).tokens).toEqual([
      'worker-secret-token',
      'old',
    ]);
  });
});
