import { getUser } from '../../shared/accounts/routes.ts';
import { implement } from '../http/implement.ts';
import { findAccount, toAccount } from './find-account.ts';

export const handler = implement(getUser, async ({ params: { userId } }, deps) => ({
  data: toAccount(await findAccount(deps, userId)),
}));
