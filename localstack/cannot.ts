/**
 * End-to-end tests that cannot pass in an emulator, by their full name, and why. They run all the same: one that
 * passes has to leave this list.
 */
export const CANNOT: Readonly<Record<string, string>> = {};
