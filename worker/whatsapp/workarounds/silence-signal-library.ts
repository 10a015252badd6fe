/** How the lines begin that libsignal prints (`session_record.js`, `session_cipher.js`, `session_builder.js`). */
const PHRASES = [
  'Closing session',
  'Opening session',
  'Removing old closed session',
  'Session already',
  'Migrating session',
  'V1 session storage',
  'Closing open session',
  'Failed to decrypt message',
  'Session error:',
  'Decrypted message with closed session',
  'Unhandled bucket type',
];

let silenced = false;

/** libsignal prints whole sessions, private keys included, on the console. Those lines are dropped. */
export function silenceSignalLibrary(): void {
  if (silenced) return;
  silenced = true;
  for (const method of ['info', 'warn', 'error'] as const) {
    const print = console[method];
    console[method] = (...args: unknown[]) => {
      const [first] = args;
      if (typeof first === 'string' && PHRASES.some((phrase) => first.startsWith(phrase))) return;
      print(...args);
    };
  }
}
