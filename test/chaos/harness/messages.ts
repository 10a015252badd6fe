import type { QueuedReport } from '../../../worker/sessions/ports.ts';
import type { S3Settings } from '../../../worker/storage/s3-object-store.ts';

/** What the client process is started with, as JSON in its first argument. */
export interface ClientSetup {
  sessionId: string;
  epoch: number;
  network: { url: string; noiseRoot: string };
  s3: S3Settings;
  latencyMs: number;
  /** Not linked yet: shows QR codes. */
  link: boolean;
}

export type ToClient =
  | { type: 'send'; to: string; text: string; id: string }
  | { type: 'accepted'; reportId: string }
  | { type: 'close' };

export type FromClient =
  | { type: 'open' }
  | { type: 'qr'; qr: string }
  | { type: 'sent'; id: string }
  | { type: 'failed'; reason: string }
  | { type: 'report'; report: QueuedReport }
  | { type: 'closed' };
