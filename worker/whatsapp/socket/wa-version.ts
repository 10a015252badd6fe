import { DEFAULT_CONNECTION_CONFIG, fetchLatestWaWebVersion, type WAVersion } from '@whiskeysockets/baileys';
import type { Logger } from 'pino';
import { describeFault } from './describe-fault.ts';

const FETCH_TIMEOUT_MS = 5_000;

/** The WhatsApp Web version that this release was tested with. */
export const PINNED_VERSION: WAVersion = DEFAULT_CONNECTION_CONFIG.version;

export interface VersionOptions {
  /** The pinned version where none is set. */
  setting: WAVersion | 'auto' | undefined;
  /** Rejects where the version cannot be had. */
  fetchLatest?: () => Promise<WAVersion>;
  log: Pick<Logger, 'info' | 'warn'>;
}

/** Which version to present. `auto` asks web.whatsapp.com, once, until told to ask again. */
export class VersionSource {
  readonly #setting: WAVersion | 'auto';
  readonly #fetchLatest: () => Promise<WAVersion>;
  readonly #log: VersionOptions['log'];
  #fetched: Promise<WAVersion> | undefined;

  constructor({ setting = PINNED_VERSION, fetchLatest = fetchLatestVersion, log }: VersionOptions) {
    this.#setting = setting;
    this.#fetchLatest = fetchLatest;
    this.#log = log;
  }

  get canRefresh(): boolean {
    return this.#setting === 'auto';
  }

  /** Never rejects: where nothing newer can be had, the pinned version may still be accepted. */
  current(): Promise<WAVersion> {
    if (this.#setting !== 'auto') return Promise.resolve(this.#setting);
    this.#fetched ??= this.#lookUp();
    return this.#fetched;
  }

  /** The version in use was refused: the next `current` asks again. */
  refresh(): void {
    this.#fetched = undefined;
  }

  async #lookUp(): Promise<WAVersion> {
    try {
      const version = await this.#fetchLatest();
      this.#log.info({ version: version.join('.') }, 'the version of WhatsApp Web was looked up');
      return version;
    } catch (fault) {
      this.#log.warn(
        { reason: describeFault(fault), version: PINNED_VERSION.join('.') },
        'the version of WhatsApp Web could not be looked up: the one of this release is used',
      );
      return PINNED_VERSION;
    }
  }
}

/** @throws Error where web.whatsapp.com does not answer in time, or names no version */
async function fetchLatestVersion(): Promise<WAVersion> {
  const signal = AbortSignal.timeout(FETCH_TIMEOUT_MS);
  const { version, isLatest, error } = await fetchLatestWaWebVersion({ signal });
  if (!isLatest) throw new Error('web.whatsapp.com named no version', { cause: error });
  return version;
}
