import type { RelayAnswer } from './relay-call.ts';
import { relayCallToWorker } from './relay-call-to-worker.ts';

/** The function inside the VPC: no environment, no rights, no state. */
export const handler = (event: unknown): Promise<RelayAnswer> => relayCallToWorker(event);
