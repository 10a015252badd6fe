/**
 * End-to-end tests that cannot pass in an emulator, by their full name, and why. They run all the same, where they
 * do not skip themselves: one that passes has to leave this list.
 */
export const CANNOT: Readonly<Record<string, string>> = {
  'a send whose worker cannot write anything down is pending when the worker is killed, and reaches its recipient once, through the next one':
    'it stands between a worker and its storage, which only the embedded runtime allows; it skips itself elsewhere',
};
