import { createSecretKey } from 'node:crypto';
import { errors, jwtVerify, SignJWT } from 'jose';
import * as z from 'zod';
import { AppError } from '../errors/app-error.ts';

export const ACCESS_TOKEN_TTL_S = 15 * 60;
const ISSUER = 'whatsapp-gateway';
const AUDIENCE = 'whatsapp-gateway-api';
const ALGORITHM = 'HS256';

const Claims = z.object({
  sub: z.string(),
  /** Key of the account item: a hint that saves a look-up. */
  acc: z.string(),
  role: z.enum(['USER', 'ADMIN']),
  /** The account's token version at issue: a change of password or rights ends older tokens. */
  ver: z.number().int().default(0),
  exp: z.number(),
});

export interface Identity {
  userId: string;
  accountKey: string;
  role: 'USER' | 'ADMIN';
  tokenVersion?: number;
}

export interface AccessTokens {
  issue(identity: Identity): Promise<{ accessToken: string; expiresIn: number }>;
  /** @throws AppError UNAUTHORIZED */
  verify(token: string): Promise<Identity & { expiresAt: number }>;
}

export interface AccessTokenOptions {
  /** The first secret signs, all are accepted, so that a secret can be rotated. */
  secrets: () => readonly string[] | Promise<readonly string[]>;
  /** Milliseconds. */
  now: () => number;
}

const toKey = (secret: string) => createSecretKey(Buffer.from(secret, 'utf8'));

function refuse(cause: unknown): AppError {
  const sentence =
    cause instanceof errors.JWTExpired
      ? 'The access token has expired. Refresh it, or log in again.'
      : 'The access token is not valid. Log in again.';
  return new AppError('UNAUTHORIZED', sentence, { cause });
}

/** Issues and verifies the short-lived HS256 JSON Web Tokens of logins. */
export function createAccessTokens({ secrets, now }: AccessTokenOptions): AccessTokens {
  async function verifyWith(secret: string, token: string) {
    const { payload } = await jwtVerify(token, toKey(secret), {
      issuer: ISSUER,
      audience: AUDIENCE,
      algorithms: [ALGORITHM],
      currentDate: new Date(now()),
    });
    return Claims.parse(payload);
  }
  return {
    async issue({ userId, accountKey, role, tokenVersion = 0 }) {
      const [secret] = await secrets();
      if (secret === undefined) throw new Error('there is no secret to sign access tokens with');
      const issuedAtS = Math.floor(now() / 1000);
      const accessToken = await new SignJWT({ acc: accountKey, role, ver: tokenVersion })
        .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' })
        .setSubject(userId)
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setIssuedAt(issuedAtS)
        .setExpirationTime(issuedAtS + ACCESS_TOKEN_TTL_S)
        .sign(toKey(secret));
      return { accessToken, expiresIn: ACCESS_TOKEN_TTL_S };
    },
    async verify(token) {
      let failure: unknown;
      for (const secret of await secrets()) {
        try {
          const { sub, acc, role, ver, exp } = await verifyWith(secret, token);
          return { userId: sub, accountKey: acc, role, tokenVersion: ver, expiresAt: exp * 1000 };
        } catch (error) {
          // An expired token is a better reason than a signature by another secret.
          if (!(failure instanceof errors.JWTExpired)) failure = error;
        }
      }
      throw refuse(failure);
    },
  };
}
