// Only built-in modules are imported here, so that an old Node and a missing dependency each get a sentence
// of their own.
import { createRequire, enableCompileCache } from 'node:module';

const REQUIRED_MAJOR = 24;
const [major = 0] = process.versions.node.split('.').map(Number);

if (major < REQUIRED_MAJOR) {
  console.error(
    `This needs Node ${REQUIRED_MAJOR} (this is ${process.versions.node}): start it with "npm start", which brings its own.`,
  );
  process.exit(1);
}
try {
  createRequire(import.meta.url).resolve('zod/package.json');
} catch {
  console.error('The dependencies are not installed; run "npm ci" once.');
  process.exit(1);
}
// From the second start on, this halves the time of starting.
enableCompileCache();
const { runLocal } = await import('./run-local.ts').catch((thrown: unknown) => {
  const reason = thrown instanceof Error ? thrown.message.split('\n')[0] : String(thrown);
  console.error(`A dependency is missing; run "npm ci" once. (${reason})`);
  process.exit(1);
});
await runLocal(process.argv.slice(2));
