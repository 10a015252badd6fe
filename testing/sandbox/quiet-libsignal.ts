import { beforeAll } from 'vitest';

// libsignal-node prints whole sessions, keys included, when the client closes one.
beforeAll(() => {
  for (const method of ['info', 'warn', 'error', 'log'] as const) console[method] = () => {};
});
