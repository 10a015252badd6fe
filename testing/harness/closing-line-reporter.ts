import type { Reporter, TestModule, TestRunEndReason, TestSpecification, Vitest } from 'vitest/node';
import { collectSeen, coverageOf, declaredAnswers, forgetAnswers } from './answer-log.ts';
import { declaredEvents } from './event-log.ts';
import { judgeAnswers, judgeEvents } from './judge-answers.ts';

/**
 * Ends a run with what was seen of the declared answers and events, and one plain line that scripts can read:
 * `12 passed, 0 failed, 1 skipped`. A whole run that has not seen enough ends with 1.
 */
export class ClosingLineReporter implements Reporter {
  #vitest: Vitest | undefined;
  #isWhole = false;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  async onTestRunStart(specifications: readonly TestSpecification[]): Promise<void> {
    forgetAnswers();
    const all = (await this.#vitest?.globTestSpecifications()) ?? [];
    const isNarrowed = this.#vitest?.config.testNamePattern !== undefined;
    this.#isWhole = !isNarrowed && specifications.length === all.length;
  }

  onTestRunEnd(modules: readonly TestModule[], _errors: unknown, reason: TestRunEndReason): void {
    const counts = { passed: 0, failed: 0, skipped: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state !== 'pending') counts[state] += 1;
      }
      if (module.errors().length > 0) counts.failed += 1;
    }
    const isWhole = this.#isWhole && reason !== 'interrupted';
    const seen = collectSeen();
    const answers = judgeAnswers(coverageOf(declaredAnswers, seen), isWhole);
    const events = judgeEvents(coverageOf(declaredEvents, seen), isWhole);
    process.stdout.write(`\n${answers.text}${events.text}`);
    if (answers.failed || events.failed) process.exitCode = 1;
    process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
  }
}
