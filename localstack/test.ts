import { readEmulator } from './env.ts';
import { runSuite } from './run-suite.ts';
import { tellResult } from './tell-result.ts';

/** The end-to-end suite through what is deployed in the emulator. */
try {
  const result = await runSuite(readEmulator());
  for (const line of tellResult(result)) console.log(line);
  if (!result.ok) process.exitCode = 1;
} catch (thrown) {
  console.error(thrown instanceof Error ? thrown.message : String(thrown));
  process.exitCode = 1;
}
