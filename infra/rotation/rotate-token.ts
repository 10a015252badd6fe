/** What rotation needs of Secrets Manager. */
export interface SecretVersions {
  /** Staging labels by version id. */
  labels(secretId: string): Promise<Readonly<Record<string, readonly string[]>>>;
  /** The value under a label. */
  read(secretId: string, label: 'AWSCURRENT' | 'AWSPENDING'): Promise<string>;
  write(secretId: string, versionId: string, value: string): Promise<void>;
  makeCurrent(secretId: string, versionId: string, instead: string | undefined): Promise<void>;
}

/** Secrets Manager's call, once per step. */
export interface RotationEvent {
  SecretId: string;
  ClientRequestToken: string;
  Step: string;
}

interface Tokens {
  current: string;
  /** Valid beside `current`; empty before the first rotation. */
  previous: string;
}

function parseTokens(value: string): Tokens {
  const parsed: unknown = JSON.parse(value);
  if (typeof parsed !== 'object' || parsed === null || !('current' in parsed))
    throw new Error('the secret has no value under "current"');
  const { current } = parsed;
  if (typeof current !== 'string' || current.length < 32)
    throw new Error('the secret’s value under "current" is too short to be one of ours');
  const previous = 'previous' in parsed && typeof parsed.previous === 'string' ? parsed.previous : '';
  return { current, previous };
}

async function createPending(event: RotationEvent, versions: SecretVersions, newToken: () => string) {
  const labels = await versions.labels(event.SecretId);
  // Secrets Manager repeats a step that failed half-way: the token made first stays.
  if (labels[event.ClientRequestToken]?.includes('AWSPENDING') === true) {
    const written = await versions.read(event.SecretId, 'AWSPENDING').catch(() => undefined);
    if (written !== undefined) return;
  }
  const { current } = parseTokens(await versions.read(event.SecretId, 'AWSCURRENT'));
  const next: Tokens = { current: newToken(), previous: current };
  await versions.write(event.SecretId, event.ClientRequestToken, JSON.stringify(next));
}

async function promotePending(event: RotationEvent, versions: SecretVersions) {
  const labels = await versions.labels(event.SecretId);
  const [instead] = Object.entries(labels).find(([, each]) => each.includes('AWSCURRENT')) ?? [];
  if (instead === event.ClientRequestToken) return;
  await versions.makeCurrent(event.SecretId, event.ClientRequestToken, instead);
}

/**
 * One step of Secrets Manager's rotation: a new token becomes `current` and the old one `previous`.
 * Nothing is told to anybody: readers take the new pair as they read it, and both values are valid.
 * @throws Error where the secret does not have the form that this app gave it
 */
export async function rotateToken(
  event: RotationEvent,
  versions: SecretVersions,
  newToken: () => string,
): Promise<void> {
  if (event.Step === 'createSecret') await createPending(event, versions, newToken);
  if (event.Step === 'testSecret') parseTokens(await versions.read(event.SecretId, 'AWSPENDING'));
  if (event.Step === 'finishSecret') await promotePending(event, versions);
}
