import { configureGlobal } from 'fast-check';
import { readHarnessEnv } from './env.ts';

configureGlobal({ seed: readHarnessEnv().FAST_CHECK_SEED });
