import { logout } from '../../../shared/accounts/routes.ts';
import { implement } from '../../http/implement.ts';

export const handler = implement(logout, async ({ body }, deps) => {
  await deps.stores.refreshTokens.revoke(body.refreshToken);
  return { message: 'Logged out.' };
});
