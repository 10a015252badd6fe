import { describe, expect, it } from 'vitest';
import { createAccessTokens, type Identity } from '../../../shared/accounts/access-tokens.ts';

const OLD = 'the-old-secret-of-at-least-32-characters';
const NEW = 'the-new-secret-of-at-least-32-characters';
const START = Date.parse('2026-01-01T00:00:00Z');
const ada: Identity = { userId: 'u1', accountKey: 'k', role: 'USER' };
const signer = (secrets: string[], now = START) =>
  createAccessTokens({ secrets: () => secrets, now: () => now });

describe('access tokens', () => {
  it('access tokens tell who someone is, and until when', async () => {
    const { accessToken, expiresIn } = await signer([NEW]).issue(ada);
    expect(expiresIn).toBe(900);
    expect(await signer([NEW]).verify(accessToken)).toMatchObject({ ...ada, expiresAt: START + 900_000 });
  });

  it('access tokens made with the former secret are accepted while it is rotated out, and not after', async () => {
    const { accessToken } = await signer([OLD]).issue(ada);
    expect(await signer([NEW, OLD]).verify(accessToken)).toMatchObject(ada);
    await expect(signer([NEW]).verify(accessToken)).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  });

  it('access tokens are refused once they have expired', async () => {
    const { accessToken } = await signer([NEW]).issue(ada);
    const later = signer([NEW, OLD], START + 901_000);
    await expect(later.verify(accessToken)).rejects.toMatchObject({
      code: 'UNAUTHORIZED',
      message: expect.stringContaining('expired'),
    });
  });

  it.each([
    ['without a signature', (token: string) => `${token.split('.').slice(0, 2).join('.')}.`],
    ['with another payload', (token: string) => token.replace(/\.([^.]+)\./, '.eyJzdWIiOiJ4In0.')],
    ['with alg none', (token: string) => `eyJhbGciOiJub25lIn0.${token.split('.')[1]}.`],
    ['that are no tokens', () => 'a.b.c'],
  ])('access tokens are refused %s', async (_, forge) => {
    const { accessToken } = await signer([NEW]).issue(ada);
    await expect(signer([NEW]).verify(forge(accessToken))).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  });
});
