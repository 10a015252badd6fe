import pino from 'pino';
import { expect, test } from 'vitest';
import type { SendBody } from '../../../../shared/messages/schema.ts';
import type { WorkerSend } from '../../../../shared/workers/api/schema.ts';
import { MapStore } from '../../../../testing/storage/map-store.ts';
import type { MessageOutcome } from '../../../../worker/sessions/reporting/session-reports.ts';
import { MessageSender } from '../../../../worker/sessions/sending/message-sender.ts';
import type { MessageSocket, PreparedMessage } from '../../../../worker/whatsapp/socket/whatsapp-socket.ts';
import { openAuth } from '../../../../worker/whatsapp/state/open-auth.ts';

const log = pino({ level: 'silent' });
const boom = (statusCode: number) =>
  Object.assign(new Error('boom'), { isBoom: true, output: { statusCode } });

/** A sender on a socket that only takes note. */
async function start(ackTimeoutMs = 60_000) {
  const relayed: string[] = [];
  const refused: string[] = [];
  const prepared: string[] = [];
  const outcomes: MessageOutcome[] = [];
  const gates = new Map<string, Promise<void>>();
  const state = { fault: undefined as Error | undefined };
  const auth = await openAuth({ store: new MapStore(), sessionId: 's', epoch: 1, log });
  const newSocket = (): MessageSocket => ({
    prepare: async ({ messageId, body }) => {
      prepared.push(messageId);
      await gates.get(body.to);
      return {
        key: { id: messageId, remoteJid: body.to },
        message: { conversation: 'message' in body ? body.message : '' },
      };
    },
    relay: async ({ key }: PreparedMessage) => {
      if (state.fault) {
        refused.push(key.id);
        throw state.fault;
      }
      relayed.push(key.id);
    },
    knows: async (_chat, id) => id === 'KNOWN0000000000000',
    ask: async () => undefined,
    unlink: async () => undefined,
    download: async () => ({ path: '', sizeBytes: 0, remove: () => undefined }),
    close: async () => undefined,
    requestPairingCode: async () => 'ABCD2345',
    destroy: () => undefined,
  });
  const sendPath = { socket: newSocket(), auth };
  const sender: MessageSender = new MessageSender({
    sessionId: 's',
    settings: {
      ackTimeoutMs,
    },
    openMedia: async () => undefined,
    log,
    sendPath: () => sendPath,
    auth: () => auth,
    onLeaving: () => undefined,
    onWithdrawn: () => undefined,
    onOutcome: async (outcome) => void outcomes.push(outcome),
    onSent: () => undefined,
  });
  const reconnect = () => {
    sendPath.socket = newSocket();
    sender.resume();
  };
  return { sender, relayed, refused, prepared, outcomes, gates, state, reconnect, auth };
}

const text = (messageId: string, to = 'a@lid', rest: Partial<SendBody> = {}): WorkerSend => ({
  to,
  type: 'text',
  message: 'Hi',
  messageId,
  ...rest,
});
const ID = (at: number) => `3EB0AAAABBBBCCCC000${at}`;

test('a slow message holds up its own chat only', async () => {
  const { sender, relayed, prepared, gates } = await start();
  const gate = Promise.withResolvers<void>();
  gates.set('slow@lid', gate.promise);
  const answers = [text(ID(1), 'slow@lid'), text(ID(2), 'slow@lid'), text(ID(3), 'quick@lid')].map(
    (message) => sender.send(message),
  );
  await expect.poll(() => relayed).toEqual([ID(3)]);
  expect(prepared).toEqual([ID(1), ID(3)]);
  gate.resolve();
  await expect.poll(() => relayed).toEqual([ID(3), ID(1), ID(2)]);
  for (const id of relayed) sender.onAck({ messageId: id, errorCode: undefined });
  expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(['sent', 'sent', 'sent']);
});

test('without acknowledgement it is pending, and what comes later is reported', async () => {
  const { sender, outcomes } = await start(10);
  expect(await sender.send(text(ID(1)))).toMatchObject({ messageId: ID(1), status: 'pending' });
  sender.onAck({ messageId: ID(1), errorCode: undefined });
  sender.onAck({ messageId: ID(1), errorCode: undefined });
  expect(outcomes.map(({ status }) => status)).toEqual(['sent']);
  expect(await sender.send(text(ID(1)))).toMatchObject({ status: 'sent' });
});

test('a receipt without an acknowledgement tells that it was taken', async () => {
  const { sender, relayed, outcomes } = await start();
  const answer = sender.send(text(ID(1)));
  await expect.poll(() => relayed).toEqual([ID(1)]);
  expect(outcomes).toEqual([]);
  await sender.onReceipt({ messageIds: [ID(1)], status: 'delivered', chat: 'a@lid', at: new Date() });
  expect(await answer).toMatchObject({ status: 'sent' });
  expect(outcomes.map(({ status }) => status)).toEqual(['sent', 'delivered']);
  await sender.onReceipt({ messageIds: [ID(1)], status: 'delivered', chat: 'a@lid', at: new Date() });
  expect(outcomes).toHaveLength(2);
});

test('a receipt counts for what was sent to its chat, and for nothing else', async () => {
  const { sender, auth, outcomes } = await start();
  auth.outgoing.add(
    { id: ID(1), to: 'a@s.whatsapp.net', type: 'text', at: new Date() },
    { conversation: 'x' },
  );
  const at = new Date();
  await sender.onReceipt({ messageIds: [ID(1), ID(2)], status: 'read', chat: 'b@s.whatsapp.net', at });
  expect(outcomes).toEqual([]);
  for (const messageIds of [[ID(1), ID(2)], [ID(1)]])
    await sender.onReceipt({ messageIds, status: 'read', chat: 'a@s.whatsapp.net', at });
  expect(outcomes).toEqual([{ messageId: ID(1), status: 'read', to: 'a@s.whatsapp.net', at }]);
});

test('a socket that was closed before the message left is an error, and the id may be used again', async () => {
  const { sender, relayed, state } = await start();
  state.fault = boom(428);
  await expect(sender.send(text(ID(1)))).rejects.toMatchObject({ code: 'SESSION_NOT_CONNECTED' });
  state.fault = undefined;
  const again = sender.send(text(ID(1)));
  await expect.poll(() => relayed).toEqual([ID(1)]);
  sender.onAck({ messageId: ID(1), errorCode: undefined });
  expect(await again).toMatchObject({ status: 'sent' });
});

test('what may have left is never an error: it is pending, and leaves again on the next connection', async () => {
  const { sender, relayed, state, reconnect } = await start(20);
  state.fault = boom(408);
  expect(await sender.send(text(ID(1)))).toMatchObject({ status: 'pending' });
  state.fault = undefined;
  reconnect();
  await expect.poll(() => relayed).toEqual([ID(1)]);
  sender.onAck({ messageId: ID(1), errorCode: undefined });
  reconnect();
  expect(relayed).toEqual([ID(1)]);
});

test('what has left once is no error because it could not leave again', async () => {
  const { sender, relayed, refused, state, reconnect } = await start();
  const answer = sender.send(text(ID(1)));
  await expect.poll(() => relayed).toEqual([ID(1)]);
  state.fault = boom(428);
  reconnect();
  await expect.poll(() => refused).toEqual([ID(1)]);
  state.fault = undefined;
  reconnect();
  await expect.poll(() => relayed).toEqual([ID(1), ID(1)]);
  sender.onAck({ messageId: ID(1), errorCode: undefined });
  expect(await answer).toMatchObject({ status: 'sent' });
});

test('a message that finds too many before it is refused, and may be tried again', async () => {
  const { sender, gates, relayed } = await start();
  const gate = Promise.withResolvers<void>();
  gates.set('slow@lid', gate.promise);
  const answers = Array.from({ length: 500 }, (_, at) =>
    sender.send(text(`3EB0QUEUED0000${at}`, 'slow@lid')),
  );
  await expect(sender.send(text(ID(1)))).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  gate.resolve();
  await expect.poll(() => relayed).toHaveLength(answers.length);
  const again = sender.send(text(ID(1)));
  await expect.poll(() => relayed).toContain(ID(1));
  sender.onAck({ messageId: ID(1), errorCode: undefined });
  expect(await again).toMatchObject({ status: 'sent' });
  sender.stop();
  await Promise.all(answers);
});

test('what WhatsApp never acknowledges leaves a few times, not for ever', async () => {
  const { sender, relayed, reconnect } = await start(5);
  await sender.send(text(ID(1)));
  for (const times of [2, 3, 4, 5, 5]) {
    reconnect();
    await expect.poll(() => relayed).toHaveLength(times);
  }
});

test('what was answered as pending and then failed is not sent when its id is handed over again', async () => {
  const { sender, gates, outcomes, prepared } = await start(5);
  const gate = Promise.withResolvers<void>();
  gates.set('a@lid', gate.promise);
  expect(await sender.send(text(ID(1)))).toMatchObject({ status: 'pending' });
  gate.reject(boom(428));
  await expect.poll(() => outcomes).toMatchObject([{ status: 'failed', errorCode: 'SESSION_NOT_CONNECTED' }]);
  gates.clear();
  await expect(sender.send(text(ID(1)))).rejects.toMatchObject({ code: 'MESSAGE_REJECTED' });
  expect([prepared, outcomes]).toMatchObject([[ID(1)], [{ status: 'failed' }]]);
});

test('a message that was acknowledged before a restart is not sent again', async () => {
  const { sender, relayed } = await start();
  expect(await sender.send(text('KNOWN0000000000000'))).toMatchObject({ status: 'sent' });
  expect(relayed).toEqual([]);
});

test('what is answered as pending when the worker lets go is made good by the next owner', async () => {
  const { sender, gates, auth, outcomes } = await start();
  const gate = Promise.withResolvers<void>();
  gates.set('slow@lid', gate.promise);
  const answers = [text(ID(1), 'slow@lid'), text(ID(2), 'quick@lid')].map((message) => sender.send(message));
  await expect.poll(() => auth.outgoing.pending()).toHaveLength(1);
  sender.stop();
  gate.reject(boom(428));
  await gate.promise.catch(() => undefined);
  const pending = auth.outgoing.pending().map(({ message, content }) => [message.id, content !== undefined]);
  expect(Object.fromEntries(pending)).toEqual({ [ID(1)]: false, [ID(2)]: true });
  expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(['pending', 'pending']);
  expect(outcomes).toEqual([]);
});

test('what was not ready to leave when the worker lost the session is an error', async () => {
  const { sender, gates } = await start();
  gates.set('slow@lid', Promise.withResolvers<void>().promise);
  const answer = sender.send(text(ID(1), 'slow@lid'));
  sender.abandon();
  await expect(answer).rejects.toMatchObject({ code: 'SESSION_MOVING' });
});

test('after a logout, what was never confirmed has failed', async () => {
  const { sender, outcomes, auth } = await start(5);
  await sender.send(text(ID(1)));
  sender.giveUp();
  expect(outcomes).toMatchObject([{ messageId: ID(1), status: 'failed', errorCode: 'LOGGED_OUT' }]);
  expect(auth.outgoing.pending()).toEqual([]);
});

test('what WhatsApp has not confirmed for long, over many connections, has failed', async () => {
  const { sender, relayed, outcomes, reconnect } = await start();
  const message = { id: ID(1), to: 'a@lid', type: 'text', at: new Date(Date.now() - 3_600_000) };
  sender.restore({ message, content: { conversation: 'Hi' } });
  for (const times of [1, 2, 3, 4]) {
    reconnect();
    await expect.poll(() => relayed).toHaveLength(times);
  }
  expect(outcomes).toEqual([]);
  reconnect();
  expect(outcomes).toMatchObject([{ status: 'failed', errorCode: 'NOT_ACKNOWLEDGED' }]);
});
