import PQueue from 'p-queue';
import type { Logger } from 'pino';
import { toBoundedJson } from '../../shared/events/cut-to-size.ts';
import { frameOf } from '../../shared/events/event-frame.ts';
import type { GatewayEvent } from '../../shared/events/registry.ts';
import { MAX_FRAME_BYTES, type ServerFrame } from '../../shared/realtime/schema.ts';
import type { ConnectionStore, Subscriber } from '../../shared/realtime/store.ts';
import type { Poster } from './poster.ts';

/** The account and session whose clients may hear of an event. */
export interface Audience {
  userId: string;
  sessionId: string;
}

export interface Push {
  /** Starts looking up the listeners, so that it runs beside the write that comes first. */
  listeners(audience: Audience): Promise<Listeners>;
  /** Sends to the session's owner and to administrators; a failed delivery is logged, never thrown. */
  toSession(audience: Audience, events: readonly GatewayEvent[]): Promise<void>;
  toAdmins(event: GatewayEvent): Promise<void>;
  /** Sends to one client, which may be about to leave. */
  toConnection(connectionId: string, frame: ServerFrame): Promise<void>;
  closeConnection(subscriber: Pick<Subscriber, 'connectionId' | 'userId' | 'admin'>): Promise<void>;
}

export interface Listeners {
  send(events: readonly GatewayEvent[]): Promise<void>;
}

export interface PushOptions {
  connections: ConnectionStore;
  post: Poster;
  now: () => number;
  log: Logger;
}

const PARALLEL_POSTS = 20;

function hears(subscriber: Subscriber, sessionId: string): boolean {
  if (subscriber.sessionId !== undefined && subscriber.sessionId !== sessionId) return false;
  return subscriber.subscriptions.has('*') || subscriber.subscriptions.has(sessionId);
}

/** As text that every client's gateway lets through. */
const renderFrame = (frame: ServerFrame): string => toBoundedJson(frame, MAX_FRAME_BYTES);
const framesOf = (events: readonly GatewayEvent[]): string[] =>
  events.flatMap((event) => frameOf(event) ?? []).map(renderFrame);

export function createPush({ connections, post, now, log }: PushOptions): Push {
  async function attempt(connectionId: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      log.warn({ err: error, connectionId }, 'a frame could not be delivered');
    }
  }

  function closeConnection(subscriber: Pick<Subscriber, 'connectionId' | 'userId' | 'admin'>): Promise<void> {
    return attempt(subscriber.connectionId, async () => {
      await connections.close(subscriber);
      await post.close(subscriber.connectionId);
    });
  }

  async function deliver(subscribers: readonly Subscriber[], frames: readonly string[]): Promise<void> {
    const queue = new PQueue({ concurrency: PARALLEL_POSTS });
    const deliverOne = async (subscriber: Subscriber) => {
      if (subscriber.expiresAt <= now()) return await closeConnection(subscriber);
      await attempt(subscriber.connectionId, async () => {
        // Frames are sent one after the other: a client gets a session's events in order.
        for (const frame of frames)
          if ((await post.post(subscriber.connectionId, frame)) === 'gone')
            return await connections.close(subscriber);
      });
    };
    await queue.addAll(subscribers.map((subscriber) => () => deliverOne(subscriber)));
  }

  async function listeners({ userId, sessionId }: Audience): Promise<Listeners> {
    const lists = await Promise.all([connections.listOfUser(userId), connections.listAdmins()]);
    const hearing = lists.flat().filter((subscriber) => hears(subscriber, sessionId));
    return { send: (events) => deliver(hearing, framesOf(events)) };
  }

  return {
    listeners,
    closeConnection,
    async toSession(audience, events) {
      await (await listeners(audience)).send(events);
    },
    async toAdmins(event) {
      const admins = (await connections.listAdmins()).filter(({ subscriptions }) => subscriptions.has('*'));
      await deliver(admins, framesOf([event]));
    },
    toConnection: (connectionId, frame) =>
      attempt(connectionId, async () => {
        await post.post(connectionId, renderFrame(frame));
      }),
  };
}
