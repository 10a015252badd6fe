import { beforeAll } from 'vitest';
import { type SynthesizedApp, synthesizeApp } from '../../testing/infra/synthesized-app.ts';
import { costLaws } from './cost-laws.ts';
import { resourceLaws } from './resource-laws.ts';
import { rightsLaws } from './rights-laws.ts';
import { workerLaws } from './worker-laws.ts';

/** Five seconds on an idle machine; tests run beside others. */
const SYNTHESIS_TIMEOUT_MS = 240_000;

// Synthesis takes seconds, so all laws share one.
let app: SynthesizedApp;
beforeAll(() => {
  app = synthesizeApp();
}, SYNTHESIS_TIMEOUT_MS);

resourceLaws(() => app);
rightsLaws(() => app);
workerLaws(() => app);
costLaws(() => app);
