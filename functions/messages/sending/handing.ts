import { createHash, randomBytes } from 'node:crypto';
import * as z from 'zod';
import { EditFields, ReactFields, RevokeFields } from '../../../shared/messages/actions.ts';
import type { SendAnswer } from '../../../shared/messages/schema.ts';
import { SendBody } from '../../../shared/messages/send-body.ts';
import type { WorkerClient } from '../../workers/calls/worker-gateway.ts';

/**
 * What a worker is asked to send: a message, or something about the message `target`. It is data, so that it
 * can wait.
 */
export const Handing = z.discriminatedUnion('verb', [
  z.object({ verb: z.literal('send'), body: SendBody }),
  z.object({ verb: z.literal('react'), target: z.string(), body: ReactFields }),
  z.object({ verb: z.literal('edit'), target: z.string(), body: EditFields }),
  z.object({ verb: z.literal('revoke'), target: z.string(), body: RevokeFields }),
]);
export type Handing = z.infer<typeof Handing>;

const TYPES = { react: 'reaction', edit: 'edit', revoke: 'revoke' } as const;

/** Type and content as records and counts name them. */
export function describeHanding(handing: Handing): { to: string; type: string } {
  const type = handing.verb === 'send' ? handing.body.type : TYPES[handing.verb];
  return { to: handing.body.to, type };
}

export interface Through {
  client: WorkerClient;
  sessionId: string;
  /** The id it is sent under: handed over again, it is the same message. */
  messageId: string;
  epoch: number;
}

/** The worker gives WhatsApp 20 s; a call that takes longer has lost its answer. */
export const HAND_OVER_TIMEOUT_MS = 23_000;

export async function handOver(
  { client, sessionId, messageId, epoch }: Through,
  handing: Handing,
): Promise<{ status: number; data: SendAnswer }> {
  const options = { timeoutMs: HAND_OVER_TIMEOUT_MS };
  if (handing.verb === 'send')
    return await client.workerSend(
      { params: { sessionId }, body: { ...handing.body, messageId, epoch } },
      options,
    );
  const params = { sessionId, messageId: handing.target };
  const action = { actionId: messageId, epoch };
  switch (handing.verb) {
    case 'react':
      return await client.workerReact({ params, body: { ...handing.body, ...action } }, options);
    case 'edit':
      return await client.workerEdit({ params, body: { ...handing.body, ...action } }, options);
    case 'revoke':
      return await client.workerRevoke({ params, body: { ...handing.body, ...action } }, options);
  }
}

const render = (bytes: Buffer) => `3EB0${bytes.subarray(0, 18).toString('hex').toUpperCase()}`;

/**
 * Chooses a message's id before sending, in the form of WhatsApp's own clients, so that a repeated call is
 * the same message.
 * @param seed of an idempotent request: every try of it gets the same id
 * @param generation rises once an earlier id is known not to be on its way any more
 */
export function newMessageId(seed?: string, generation = 0): string {
  if (seed === undefined) return render(randomBytes(18));
  return render(createHash('sha256').update(`${seed}\n${generation}`).digest());
}
