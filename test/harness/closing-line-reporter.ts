import type { Reporter, TestModule } from 'vitest/node';
import { collectAnswers } from './answer-log.ts';

const SHOWN = 12;

/** How much of what the control plane declares was seen and held against its declaration. */
function describeAnswers(): string {
  const coverage = collectAnswers();
  if (coverage === undefined) return '';
  const { declared, seen, missingSuccesses } = coverage;
  const share = Math.round((100 * seen) / declared);
  const missing =
    missingSuccesses.length === 0
      ? ''
      : `; ${missingSuccesses.length} successes not seen: ${missingSuccesses.slice(0, SHOWN).join(', ')}${missingSuccesses.length > SHOWN ? ', …' : ''}`;
  return `\nanswers: ${seen} of ${declared} declared pairs of route and status seen and valid (${share} %)${missing}\n`;
}

/** Ends a run with one plain line that scripts can read: `12 passed, 0 failed, 1 skipped`. */
export class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state !== 'pending') counts[state] += 1;
      }
      if (module.errors().length > 0) counts.failed += 1;
    }
    process.stdout.write(describeAnswers());
    process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
  }
}
