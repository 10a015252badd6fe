import type { RelayAnswer } from './relay-call.ts';
import { relayCallToWorker } from './relay-call-to-worker.ts';

/** The function inside the VPC: it has no environment, no rights and no state. */
export const handler = (event: unknown): Promise<RelayAnswer> => relayCallToWorker(event);
