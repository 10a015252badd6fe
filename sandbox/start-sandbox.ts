import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ControlServer } from './control/control-server.ts';
import { InProcessVerbs, releaseReaders } from './control/in-process-verbs.ts';
import { createCertificate } from './media/certificate.ts';
import { MediaServer } from './media/media-server.ts';
import { MediaStore } from './media/media-store.ts';
import { greetCompanion } from './phone/greet-companion.ts';
import { Phones } from './phone/phones.ts';
import { CompanionSessions } from './server/companion-sessions.ts';
import { Exchange } from './server/exchange.ts';
import { Linking } from './server/linking.ts';
import { PairingCodes } from './server/pairing-codes.ts';
import { WaServer } from './server/wa-server.ts';
import type { Addressing, LinkingFlow, SandboxVerbs } from './verbs.ts';
import { createNoiseIdentity } from './wire/noise-identity.ts';
import { type Stanza, stanza } from './wire/stanza.ts';
import { type ServerKeys, StateFolder } from './world/state-folder.ts';
import { World } from './world/world.ts';

export type SandboxOptions = {
  /** WhatsApp's WebSocket; 0 (default) takes any free port, likewise below. */
  port?: number;
  controlPort?: number;
  mediaPort?: number;
  /** The same seed gives the same LIDs and message ids. */
  seed?: string;
  linking?: LinkingFlow;
  addressing?: Addressing;
  historySync?: boolean;
  /** By which JIDs phones seal edits (lid), as they do since May 2026; `off`: they send them plain. */
  sealed?: Addressing | 'off';
  /** Keeps accounts, linked devices, groups, media and the server's keys here across restarts. */
  dataDir?: string;
  /** How long a client may show QR codes before the server ends its stream (160 s, as six refs last). */
  qrTtlMs?: number;
  log?: (line: string) => void;
};

/** The running sandbox: its addresses, and every verb as a method. */
export type Sandbox = SandboxVerbs & {
  /** `ws://127.0.0.1:<port>/ws/chat`, Baileys' `waWebSocketUrl`. */
  url: string;
  /** Hex; the value for Baileys' `WA_CERT_DETAILS.PUBLIC_KEY`. */
  trustRoot: string;
  controlUrl: string;
  mediaUrl: string;
  /** PEM, for the client process's NODE_EXTRA_CA_CERTS. */
  caCertPath: string;
  close(): Promise<void>;
};

const defaultQrTtlMs = 160_000;
const inboxLimit = 10_000;

/** Starts the server, the phones, the media host and the control API, all on loopback. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const memory = await openMemory(options);
  const parts = assemble(memory, options);
  const close = async () => {
    for (const account of memory.world.accounts.values()) releaseReaders(account);
    await Promise.all([parts.control.close(), parts.server.close(), parts.media.close()]);
    parts.phones.finish();
    memory.folder?.close();
    memory.ca.remove();
  };
  try {
    const mediaPort = await parts.media.listen(options.mediaPort ?? 0);
    parts.mediaHost.url = `https://127.0.0.1:${mediaPort}`;
    const port = await parts.server.listen(options.port ?? 0);
    const controlPort = await parts.control.listen(options.controlPort ?? 0);
    return Object.assign(parts.verbs, {
      url: `ws://127.0.0.1:${port}/ws/chat`,
      trustRoot: memory.keys.noise.root.public.toString('hex'),
      controlUrl: `http://127.0.0.1:${controlPort}`,
      mediaUrl: parts.mediaHost.url,
      caCertPath: memory.ca.path,
      close,
    });
  } catch (error) {
    await close();
    throw error;
  }
}

type Memory = {
  world: World;
  folder: StateFolder | null;
  keys: ServerKeys;
  ca: ReturnType<typeof placeCertificate>;
};

async function openMemory(options: SandboxOptions): Promise<Memory> {
  const world = new World(settingsOf(options), options.seed);
  const folder = options.dataDir === undefined ? null : new StateFolder(options.dataDir, world);
  const keys = folder
    ? await folder.serverKeys()
    : { noise: createNoiseIdentity(), certificate: await createCertificate() };
  folder?.load();
  if (folder) world.onChange((account) => folder.changed(account));
  return { world, folder, keys, ca: placeCertificate(options.dataDir, keys.certificate.cert) };
}

function assemble({ world, folder, keys }: Memory, options: SandboxOptions) {
  const log = options.log ?? (() => {});
  const exchange = new Exchange(world);
  const store = new MediaStore(options.dataDir === undefined ? null : join(options.dataDir, 'media'));
  const mediaHost = { store, url: '' };
  const phones = new Phones(exchange, mediaHost, log);
  exchange.attachPhones(phones);
  const media = new MediaServer(store, world.faults, keys.certificate);
  const linking = new Linking(exchange, options.qrTtlMs ?? defaultQrTtlMs);
  const pairingCodes = new PairingCodes(exchange, linking);
  const companionSessions = new CompanionSessions({
    exchange,
    linking,
    pairingCodes,
    mediaConnection: () => mediaConnection(mediaHost.url),
    events: { activated: (account, companion) => greetCompanion(exchange, account, companion, mediaHost) },
  });
  const server = new WaServer(exchange, keys.noise, companionSessions, log);
  const forget = async () => folder?.forget();
  const parts = { exchange, server, companionSessions, linking, pairingCodes, phones, mediaHost, forget };
  const verbs = new InProcessVerbs(parts);
  return { server, phones, media, mediaHost, verbs, control: new ControlServer(verbs) };
}

function mediaConnection(mediaUrl: string): Stanza {
  const { host } = new URL(mediaUrl);
  return stanza('media_conn', { auth: 'sandbox', ttl: 300, auth_ttl: 21_600, max_buckets: 12 }, [
    stanza('host', { hostname: host, maxContentLengthBytes: 128 * 1024 * 1024 }),
  ]);
}

function settingsOf(options: SandboxOptions) {
  return {
    linking: options.linking ?? '2026',
    addressing: options.addressing ?? 'lid',
    historySync: options.historySync ?? true,
    alternates: true,
    sealed: options.sealed ?? 'lid',
    delivers: true,
    reads: true,
    inboxLimit,
  } as const;
}

function placeCertificate(dataDir: string | undefined, cert: string): { path: string; remove: () => void } {
  const folder = dataDir ?? mkdtempSync(join(tmpdir(), 'whatsapp-sandbox-'));
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'media-ca.pem');
  writeFileSync(path, cert);
  return { path, remove: () => dataDir === undefined && rmSync(folder, { recursive: true, force: true }) };
}
