/** The calls of Secrets Manager that rotation needs. */
export interface SecretVersions {
  /** Staging labels by version id. */
  labels(secretId: string): Promise<Readonly<Record<string, readonly string[]>>>;
  /** The value under a label. */
  read(secretId: string, label: 'AWSCURRENT' | 'AWSPENDING'): Promise<string>;
  write(secretId: string, versionId: string, value: string): Promise<void>;
  makeCurrent(secretId: string, versionId: string, instead: string | undefined): Promise<void>;
}

/** One step of Secrets Manager's rotation. */
export interface RotationEvent {
  SecretId: string;
  ClientRequestToken: string;
  Step: string;
}

/**
 * A secret holds three values: `current` is used, all are accepted. A reader from before the last rotation
 * knows today's `current` as its `next` and uses today's `previous`, so one read between two rotations is
 * enough.
 */
interface Tokens {
  next: string;
  current: string;
  previous: string;
}

function parseTokens(value: string): Tokens {
  const parsed: unknown = JSON.parse(value);
  if (typeof parsed !== 'object' || parsed === null || !('current' in parsed))
    throw new Error('the secret has no value under "current"');
  const { current } = parsed;
  if (typeof current !== 'string' || current.length < 32)
    throw new Error('the secret’s value under "current" is too short to be one of ours');
  const other = (name: string): string => {
    const value: unknown = Reflect.get(parsed, name);
    return typeof value === 'string' ? value : '';
  };
  return { next: other('next'), current, previous: other('previous') };
}

/** The first rotation only announces `next`: nobody knows it yet, so nobody may use it. */
function shift({ next, current, previous }: Tokens, newToken: string): Tokens {
  return next === ''
    ? { next: newToken, current, previous }
    : { next: newToken, current: next, previous: current };
}

async function createPending(event: RotationEvent, versions: SecretVersions, newToken: () => string) {
  const labels = await versions.labels(event.SecretId);
  // Secrets Manager repeats a step that failed half-way: the token that was made first stays.
  if (labels[event.ClientRequestToken]?.includes('AWSPENDING') === true) {
    const written = await versions.read(event.SecretId, 'AWSPENDING').catch(() => undefined);
    if (written !== undefined) return;
  }
  const tokens = parseTokens(await versions.read(event.SecretId, 'AWSCURRENT'));
  const rotated = shift(tokens, newToken());
  await versions.write(event.SecretId, event.ClientRequestToken, JSON.stringify(rotated));
}

async function promotePending(event: RotationEvent, versions: SecretVersions) {
  const labels = await versions.labels(event.SecretId);
  const [instead] = Object.entries(labels).find(([, each]) => each.includes('AWSCURRENT')) ?? [];
  if (instead === event.ClientRequestToken) return;
  await versions.makeCurrent(event.SecretId, event.ClientRequestToken, instead);
}

/**
 * One step of Secrets Manager's rotation: `next` becomes `current`, and a new token is announced. Nobody has
 * to be told, as long as every reader reads the secret once between two rotations.
 * @throws Error where the secret has another form
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
