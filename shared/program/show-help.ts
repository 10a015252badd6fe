import { parseArgs } from 'node:util';

/**
 * For programs without options of their own: prints `help` and ends where `--help` asks for it, and ends with 1 where
 * something else is asked for. Nothing has happened by then.
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
