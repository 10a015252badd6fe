import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import PQueue from 'p-queue';
import { AppError } from '../errors/app-error.ts';

export interface PasswordCost {
  /** CPU and memory: scrypt needs 128 * N * r bytes. */
  N: number;
  r: number;
  p: number;
}

/** OWASP's scrypt figures for 32 MiB, which fits the smallest of our functions. */
const DEFAULT_COST: PasswordCost = { N: 2 ** 15, r: 8, p: 3 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** Each hash occupies a thread of libuv's pool of four, and other work needs threads too. */
const CONCURRENCY = 2;
const MAX_WAITING = 64;

export interface PasswordHasher {
  /** @throws AppError RATE_LIMITED where too many wait already */
  hash(password: string): Promise<string>;
  /** Takes as long for an unknown account (`undefined`) as for a known one. */
  verify(password: string, hash: string | undefined): Promise<boolean>;
}

const FORMAT = /^scrypt\$(\d+)\$(\d+)\$(\d+)\$([\w-]+)\$([\w-]+)$/;

function derive(password: string, salt: Buffer, cost: PasswordCost): Promise<Buffer> {
  const options: ScryptOptions = { ...cost, maxmem: 256 * cost.N * cost.r };
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, HASH_BYTES, options, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}

const render = (salt: Buffer, key: Buffer, { N, r, p }: PasswordCost) =>
  `scrypt$${N}$${r}$${p}$${salt.toString('base64url')}$${key.toString('base64url')}`;

export function createPasswordHasher(cost: PasswordCost = DEFAULT_COST): PasswordHasher {
  const queue = new PQueue({ concurrency: CONCURRENCY });
  const dummy = render(randomBytes(SALT_BYTES), randomBytes(HASH_BYTES), cost);

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (queue.size >= MAX_WAITING)
      throw new AppError('RATE_LIMITED', 'Too many logins at this moment. Try again shortly.');
    return await queue.add(work);
  }
  return {
    hash: (password) =>
      inTurn(async () => {
        const salt = randomBytes(SALT_BYTES);
        return render(salt, await derive(password, salt, cost), cost);
      }),
    verify: (password, hash) =>
      inTurn(async () => {
        const [, N, r, p, salt = '', key = ''] = FORMAT.exec(hash ?? dummy) ?? [];
        if (N === undefined) throw new Error('a password hash is not in the form this program writes');
        const expected = Buffer.from(key, 'base64url');
        const options = { N: Number(N), r: Number(r), p: Number(p) };
        const actual = await derive(password, Buffer.from(salt, 'base64url'), options);
        return timingSafeEqual(actual, expected) && hash !== undefined;
      }),
  };
}
