import type { RouteAnswer, RouteInput } from '../../shared/contract/route.ts';
import type { SendAnswer } from '../../shared/messages/schema.ts';
import type { workerRoutes } from '../../shared/workers/api/routes.ts';

/** A success: the envelope's `data` and `message`, or a text of another media type. */
export type Reply<Data> = { status?: number } & (
  | { data: Data; message?: string }
  | { raw: { contentType: string; text: string } }
);

export type WorkerRoute = (typeof workerRoutes)[number];

/** One handler for each route of the table; a missing one does not compile. */
export type WorkerHandlers = {
  [R in WorkerRoute as R['id']]: (request: RouteInput<R>) => Promise<Reply<RouteAnswer<R>>>;
};

/** 202 where WhatsApp has not acknowledged in time: its status follows, a second send would be a second message. */
export const toSendReply = (answer: SendAnswer): Reply<SendAnswer> => ({
  status: answer.status === 'pending' ? 202 : 200,
  data: answer,
});
