import type { Report } from '../../worker/report.ts';
import type { S3Settings } from '../../worker/storage/s3-object-store.ts';

/** What the worker process is started with, as JSON in its first argument. */
export interface WorkerSetup {
  sessionId: string;
  epoch: number;
  network: { url: string; noiseRoot: string };
  s3: S3Settings;
  latencyMs: number;
  /** Kills itself when a message is durable, and its frame is about to leave: in place of the first that does. */
  diesBeforeFrame: boolean;
}

export type ToWorker =
  | { type: 'send'; to: string; text: string; id: string }
  | { type: 'accepted'; reportId: string }
  | { type: 'close' };

export type FromWorker =
  | { type: 'open' }
  | { type: 'qr'; qr: string }
  | { type: 'answered'; id: string; status: 'sent' | 'pending' }
  | { type: 'refused'; id: string; reason: string }
  | { type: 'report'; reportId: string; report: Report };
