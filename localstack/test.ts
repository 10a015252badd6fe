import { showHelp } from '../shared/program/show-help.ts';
import { readEmulator } from './env.ts';
import { runSuite } from './run-suite.ts';
import { tellResult } from './stopwatch.ts';

showHelp(`Runs the end-to-end suite through what is deployed in the emulator (AWS_ENDPOINT_URL, default http://127.0.0.1:4566).

  npm run localstack:deploy && npm run localstack:test

Tests that cannot pass in an emulator are named with the reason. Ends with 1 where any other fails.`);

/** The end-to-end suite through what is deployed in the emulator. */
try {
  const result = await runSuite(readEmulator());
  for (const line of tellResult(result)) console.log(line);
  if (!result.ok) process.exitCode = 1;
} catch (thrown) {
  console.error(thrown instanceof Error ? thrown.message : String(thrown));
  process.exitCode = 1;
}
