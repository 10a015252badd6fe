import { defineConfig } from 'vitest/config';
import { ClosingLineReporter } from './test/harness/closing-line-reporter.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/harness/answer-log.setup.ts'],
    // End-to-end files start real processes; two at a time is what two cores bear.
    maxWorkers: 2,
    // What is waited for comes; how soon is the machine's affair. These end what hangs, and nothing else.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
    restoreMocks: true,
    reporters: ['default', new ClosingLineReporter()],
  },
});
