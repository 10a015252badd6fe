import { DEFAULT_CONNECTION_CONFIG, fetchLatestWaWebVersion, type WAVersion } from '@whiskeysockets/baileys';

const FETCH_TIMEOUT_MS = 5_000;

/** The WhatsApp Web version that this release was tested with. */
export const PINNED_VERSION: WAVersion = DEFAULT_CONNECTION_CONFIG.version;

/** Which version to present. `auto` asks web.whatsapp.com, once, until told to ask again. */
export class VersionSource {
  readonly #setting: WAVersion | 'auto';
  readonly #fetchLatest: () => Promise<WAVersion | undefined>;
  #fetched: Promise<WAVersion> | undefined;

  /** The pinned version where none is set. */
  constructor(
    setting: WAVersion | 'auto' = PINNED_VERSION,
    fetchLatest: () => Promise<WAVersion | undefined> = fetchLatestVersion,
  ) {
    this.#setting = setting;
    this.#fetchLatest = fetchLatest;
  }

  get canRefresh(): boolean {
    return this.#setting === 'auto';
  }

  current(): Promise<WAVersion> {
    if (this.#setting !== 'auto') return Promise.resolve(this.#setting);
    this.#fetched ??= this.#fetchLatest().then(
      (latest) => latest ?? PINNED_VERSION,
      () => PINNED_VERSION,
    );
    return this.#fetched;
  }

  /** The version in use was refused: the next `current` asks again. */
  refresh(): void {
    this.#fetched = undefined;
  }
}

async function fetchLatestVersion(): Promise<WAVersion | undefined> {
  const { version, isLatest } = await fetchLatestWaWebVersion({
    signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
  });
  return isLatest ? version : undefined;
}
