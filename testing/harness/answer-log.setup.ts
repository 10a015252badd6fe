import { afterAll } from 'vitest';
import { writeAnswers } from './answer-log.ts';

afterAll(writeAnswers);
