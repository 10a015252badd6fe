import { afterAll, afterEach } from 'vitest';
import { writeAnswers } from './answer-log.ts';
import { refuseFaults } from './event-log.ts';

afterEach(refuseFaults);
afterAll(() => {
  writeAnswers();
  refuseFaults();
});
