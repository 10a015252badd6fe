import { withMail } from '../accounts/mail/create-mailer.ts';
import { withPush } from '../realtime/poster.ts';
import { type OpenService, withTable } from './services.ts';
import { withObjects } from './with-objects.ts';
import { withQueues } from './with-queues.ts';

/** For a process that runs every function. */
export const EVERY_SERVICE: readonly OpenService[] = [withTable, withObjects, withQueues, withPush, withMail];
