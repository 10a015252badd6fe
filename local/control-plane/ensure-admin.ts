import type { Deps } from '../../functions/deps.ts';
import { LocalError } from '../local-error.ts';

interface AdminAccount {
  email: string;
  password: string;
}

/** Makes sure that the administrator can log in as the environment, or the kept secrets, say. */
export async function ensureAdmin(
  deps: Pick<Deps, 'stores' | 'passwords'>,
  { email, password }: AdminAccount,
): Promise<void> {
  const { accounts } = deps.stores;
  const found = await accounts.findByEmail(email);
  if (found === undefined) {
    const passwordHash = await deps.passwords.hash(password);
    await accounts.create({ email, name: 'Administrator', passwordHash, role: 'ADMIN', tier: 'MAX' });
    return;
  }
  if (found.role !== 'ADMIN')
    throw new LocalError(`${email} is a tenant's account already; choose another ADMIN_EMAIL.`);
  if (!(await deps.passwords.verify(password, found.passwordHash)))
    throw new LocalError(
      `${email} was made with another password; set ADMIN_PASSWORD to that one, or start with "npm start -- --fresh".`,
    );
}
