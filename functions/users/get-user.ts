import { getUser } from '../../shared/accounts/routes.ts';
import { implement } from '../http/implement.ts';
import { findAccount } from './find-account.ts';
import { toAccount } from './to-account.ts';

export const handler = implement(getUser, async ({ params: { userId } }, deps) => ({
  data: toAccount(await findAccount(deps, userId)),
}));
