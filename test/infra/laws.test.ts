import { beforeAll } from 'vitest';
import { resourceLaws } from './resource-laws.ts';
import { rightsLaws } from './rights-laws.ts';
import { type SynthesizedApp, synthesizeApp } from './synthesized-app.ts';

// Synthesis takes seconds, so all laws share one.
let app: SynthesizedApp;
beforeAll(() => {
  app = synthesizeApp();
});

resourceLaws(() => app);
rightsLaws(() => app);
