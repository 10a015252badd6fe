import type { OpenService } from './services.ts';
import { withMail } from './with-mail.ts';
import { withObjects } from './with-objects.ts';
import { withPush } from './with-push.ts';
import { withQueues } from './with-queues.ts';
import { withTable } from './with-table.ts';

/** For a process that runs every function. */
export const EVERY_SERVICE: readonly OpenService[] = [withTable, withObjects, withQueues, withPush, withMail];
