import { defineConfig } from 'vitest/config';
import { ClosingLineReporter } from './testing/harness/closing-line-reporter.ts';

const IN_PROCESS = [
  'functions',
  'laws',
  'local/{control-plane,demo,gateway,logs,state,workers}',
  'localstack',
  'shared',
  'worker/{control-plane,http,storage}',
].map((folder) => `test/${folder}/**/*.test.ts`);

export default defineConfig({
  test: {
    projects: [
      // These leave nothing behind in their process, so its files share what was loaded: half the time.
      { extends: true, test: { name: 'in process', include: IN_PROCESS, isolate: false } },
      { extends: true, test: { name: 'isolated', include: ['test/**/*.test.ts'], exclude: IN_PROCESS } },
    ],
    setupFiles: ['testing/harness/answer-log.setup.ts', 'testing/harness/fast-check-seed.setup.ts'],
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
