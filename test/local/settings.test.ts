import { describe, expect, it } from 'vitest';
import { parseLocalEnv } from '../../local/env.ts';
import { explain, LocalError } from '../../local/local-error.ts';
import { parseFlags } from '../../local/parse-flags.ts';
import { startWhatsApp } from '../../local/sandbox/start-whatsapp.ts';
import { choosePorts } from '../../local/start-local.ts';

describe('parseFlags', () => {
  it('parseFlags defaults to one worker and kept state', () => {
    expect(parseFlags([])).toEqual({ help: false, fresh: false, memory: false, live: false, workers: 1 });
  });

  it('parseFlags reads every flag', () => {
    expect(parseFlags(['--fresh', '--live', '--workers', '3'])).toMatchObject({
      fresh: true,
      live: true,
      workers: 3,
    });
  });

  it.each([['--nonsense'], ['--workers', '0'], ['--workers', 'many'], ['--fresh', '--memory'], ['stray']])(
    'refuses %s %s in one sentence',
    (...args) => {
      expect(() => parseFlags(args)).toThrow(LocalError);
    },
  );
});

describe('parseLocalEnv', () => {
  it('parseLocalEnv needs nothing', () => {
    expect(parseLocalEnv({})).toMatchObject({ PORT: 8000, LOG_LEVEL: 'info' });
  });

  it('parseLocalEnv names every variable that is wrong, and no value', () => {
    const broken = () => parseLocalEnv({ PORT: 'x', ADMIN_PASSWORD: 'short', WHATSAPP_NOISE_ROOT: 'ff' });
    expect(broken).toThrow(/PORT.*ADMIN_PASSWORD.*WHATSAPP_NOISE_ROOT/);
    expect(broken).not.toThrow(/short/);
  });

  it('parseLocalEnv wants the server that a trust root belongs to', () => {
    expect(() => parseLocalEnv({ WHATSAPP_NOISE_ROOT: 'ab'.repeat(32) })).toThrow(/WHATSAPP_WS_URL/);
  });
});

describe('choosePorts', () => {
  it('choosePorts moves the gateway only, or takes any free port for all', () => {
    expect(choosePorts(9000)).toEqual({ gateway: 9000, firstWorker: 8001, sandboxControl: 8090 });
    expect(choosePorts(0)).toEqual({ gateway: 0, firstWorker: 0, sandboxControl: 0 });
  });
});

describe('startWhatsApp', () => {
  const options = { controlPort: 0, dataDir: undefined, log: () => {} };
  const none = { WHATSAPP_WS_URL: undefined, WHATSAPP_NOISE_ROOT: undefined };
  const other = { WHATSAPP_WS_URL: 'ws://127.0.0.1:9443', WHATSAPP_NOISE_ROOT: 'ab'.repeat(32) };

  it('startWhatsApp starts no sandbox where another server is named, or the real one wanted', async () => {
    expect(await startWhatsApp({ ...options, live: false, env: other })).toEqual({
      network: 'sandbox',
      server: { url: 'ws://127.0.0.1:9443', noiseRootHex: 'ab'.repeat(32) },
      sandbox: undefined,
    });
    expect(await startWhatsApp({ ...options, live: true, env: none })).toEqual({
      network: 'live',
      server: undefined,
      sandbox: undefined,
    });
  });

  it('startWhatsApp refuses both at once', async () => {
    await expect(startWhatsApp({ ...options, live: true, env: other })).rejects.toThrow(LocalError);
  });
});

describe('explain', () => {
  it('explain has a sentence for a taken port, a missing dependency and anything else', () => {
    const error = (code: string, rest: object = {}) =>
      Object.assign(new Error('technical'), { code, ...rest });
    expect(explain(error('EADDRINUSE', { port: 8000 }))).toMatch(/^Port 8000 .*PORT=0/);
    expect(explain(error('ERR_MODULE_NOT_FOUND'))).toContain('npm ci');
    expect(explain(new LocalError('As it is.'))).toBe('As it is.');
    expect(explain('odd')).toContain('odd');
  });
});
