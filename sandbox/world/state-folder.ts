import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { type Certificate, createCertificate } from '../media/certificate.ts';
import { createNoiseIdentity, type NoiseIdentity } from '../wire/noise-identity.ts';
import type { Account, AccountState } from './account.ts';
import type { Group } from './group.ts';
import type { World } from './world.ts';

export type ServerKeys = { noise: NoiseIdentity; certificate: Certificate };

const saveDelayMs = 250;

/**
 * The sandbox's memory on disk: one file per account in V8's own serialization (keys, queues and
 * sessions are buffers and maps), written aside and renamed, so that a crash leaves the old one whole.
 */
export class StateFolder {
  readonly #folder: string;
  readonly #dirty = new Set<Account>();
  readonly #world: World;
  #timer: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(folder: string, world: World) {
    this.#folder = folder;
    this.#world = world;
    mkdirSync(join(folder, 'accounts'), { recursive: true });
  }

  /** The keys that clients pin; made once per folder. */
  async serverKeys(): Promise<ServerKeys> {
    const file = join(this.#folder, 'server-keys.v8');
    if (existsSync(file)) return read(file) as ServerKeys;
    const keys = { noise: createNoiseIdentity(), certificate: await createCertificate() };
    write(file, keys);
    return keys;
  }

  load(): void {
    for (const name of readdirSync(join(this.#folder, 'accounts')))
      if (name.endsWith('.v8'))
        this.#world.restore(read(join(this.#folder, 'accounts', name)) as AccountState);
    const groups = join(this.#folder, 'groups.v8');
    if (existsSync(groups))
      for (const group of read(groups) as Group[]) this.#world.groups.set(group.id, group);
  }

  /** Saves the account soon, together with the others that change meanwhile. */
  changed(account: Account): void {
    if (this.#closed) return;
    this.#dirty.add(account);
    this.#timer ??= setTimeout(() => this.flush(), saveDelayMs).unref();
  }

  flush(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    for (const account of this.#dirty)
      if (this.#world.accounts.get(account.number) === account)
        write(this.#accountFile(account.number), account.state());
    this.#dirty.clear();
    write(join(this.#folder, 'groups.v8'), [...this.#world.groups.values()]);
  }

  /** Saves for the last time: the folder may belong to another process from now on. */
  close(): void {
    this.flush();
    this.#closed = true;
  }

  forget(): void {
    this.#dirty.clear();
    rmSync(join(this.#folder, 'accounts'), { recursive: true, force: true });
    rmSync(join(this.#folder, 'groups.v8'), { force: true });
    mkdirSync(join(this.#folder, 'accounts'), { recursive: true });
  }

  #accountFile(number: string): string {
    return join(this.#folder, 'accounts', `${number}.v8`);
  }
}

function read(file: string): unknown {
  try {
    return deserialize(readFileSync(file)) as unknown;
  } catch (error) {
    throw new Error(`The sandbox cannot read ${file}; remove it to start afresh.`, { cause: error });
  }
}

function write(file: string, value: unknown): void {
  writeFileSync(`${file}.new`, serialize(value));
  renameSync(`${file}.new`, file);
}
