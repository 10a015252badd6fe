import type { MiddlewareObj } from '@middy/core';
import type { Logger } from 'pino';
import type { Hold } from '../../shared/idempotency/store.ts';
import type { Deps } from '../deps.ts';
import type { Caller } from './caller.ts';
import { type HttpEvent, requestIdOf } from './http-event.ts';
import type { Implementation } from './implement.ts';
import type { HttpResult } from './render-answer.ts';

/** One request on its way through the chain: each step adds what it has found out. */
export interface HttpRequest {
  readonly event: HttpEvent;
  readonly requestId: string;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** By the chain's clock, in milliseconds: the answer has to be ours by then. */
  readonly deadline: number;
  /** Headers of the answer, whichever it will be. */
  readonly headers: Record<string, string>;
  found?: Implementation;
  caller?: Caller;
  /** This request is the one that answers for its Idempotency-Key. */
  hold?: Hold;
  /** The answer that was given to this Idempotency-Key before. */
  replay?: HttpResult;
}

/** A step of the chain. */
export type Step = MiddlewareObj<HttpRequest, HttpResult>;

/** @param deadline by the chain's clock, in milliseconds */
export function openRequest(
  event: HttpEvent,
  deadline: number,
  { log, now }: Pick<Deps, 'log' | 'now'>,
): HttpRequest {
  const requestId = requestIdOf(event);
  return { event, requestId, log: log.child({ requestId }), startedAt: now(), deadline, headers: {} };
}

/** What an earlier step has found. @throws Error where the chain lacks that step */
export function required<K extends 'found' | 'caller'>(
  request: HttpRequest,
  part: K,
): NonNullable<HttpRequest[K]> {
  const value = request[part];
  if (value === undefined) throw new Error(`no step of the chain has set "${part}"`);
  return value;
}
