import { describe, expect, it } from 'vitest';
import { createPasswordHasher } from '../../../shared/accounts/password.ts';

const quick = createPasswordHasher({ N: 2 ** 4, r: 8, p: 1 });

describe('passwords', () => {
  it('passwords are recognised by their hash alone, each hash with a salt of its own', async () => {
    const [one, two] = await Promise.all([quick.hash('correct horse'), quick.hash('correct horse')]);
    expect(one).not.toBe(two);
    expect(one).not.toContain('correct');
    expect(await quick.verify('correct horse', one)).toBe(true);
    expect(await quick.verify('wrong horse', one)).toBe(false);
  });

  it('passwords stay valid when the cost is raised later', async () => {
    const hash = await quick.hash('correct horse');
    const dearer = createPasswordHasher({ N: 2 ** 5, r: 8, p: 1 });
    expect(await dearer.verify('correct horse', hash)).toBe(true);
  });

  it('passwords are never right for an account that does not exist', async () => {
    expect(await quick.verify('anything', undefined)).toBe(false);
  });

  it('passwords are refused with RATE_LIMITED when too many wait', async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 100 }, () => quick.hash('correct horse')));
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    for (const { reason } of refused) expect(reason).toMatchObject({ code: 'RATE_LIMITED' });
  });

  it('passwords work at the cost used in production', async () => {
    const hasher = createPasswordHasher();
    const hash = await hasher.hash('correct horse');
    expect(hash).toMatch(/^scrypt\$32768\$8\$3\$/);
    expect(await hasher.verify('correct horse', hash)).toBe(true);
  });
});
