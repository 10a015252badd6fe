import { parseArgs } from 'node:util';

/**
 * For programs without options: prints `help` and exits where `--help` is given, and exits with 1 for any
 * other option, before anything has happened.
 */
export function showHelp(help: string): void {
  try {
    const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h' } } });
    if (values.help !== true) return;
    console.log(help);
    process.exit(0);
  } catch (thrown) {
    console.error(`${thrown instanceof Error ? thrown.message : String(thrown)} (see --help)`);
    process.exit(1);
  }
}
