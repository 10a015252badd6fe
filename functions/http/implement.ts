import type { Logger } from 'pino';
import { parseRequest, type RawRequest } from '../../shared/contract/parse-request.ts';
import type { RouteAnswer, RouteDeclaration, RouteInput } from '../../shared/contract/route.ts';
import type { Deps } from '../deps.ts';
import type { Caller } from './caller.ts';

export interface RequestScope {
  caller: Caller;
  requestId: string;
  log: Logger;
  sourceAddress?: string | undefined;
  /** Scheme, host and port under which the caller has reached the gateway. */
  address?: string | undefined;
  /** The same in every try of one idempotent request; absent without an Idempotency-Key. */
  seed?: string | undefined;
}

export interface HandlerRequest<R extends RouteDeclaration> extends RouteInput<R>, RequestScope {}

interface AnswerOptions {
  message?: string;
  /** One of the route's success statuses; its first where absent. */
  status?: number;
  headers?: Record<string, string>;
}

export interface RawAnswer {
  raw: { body: string | Uint8Array; contentType: string };
  status?: number;
  headers?: Record<string, string>;
}

export interface EnvelopeAnswer<D> extends AnswerOptions {
  data: D;
}

export type HandlerAnswer<R extends RouteDeclaration> =
  | EnvelopeAnswer<RouteAnswer<R>>
  | (undefined extends RouteAnswer<R> ? AnswerOptions & { data?: undefined; raw?: undefined } : never)
  | RawAnswer;

/** The answer of any handler. */
export type AnyAnswer = RawAnswer | (AnswerOptions & { data?: unknown; raw?: undefined });

/** A route with its handler. */
export interface Implementation {
  route: RouteDeclaration;
  /** Validates the request, then calls the handler. */
  respond(raw: RawRequest, scope: RequestScope, deps: Deps): Promise<AnyAnswer>;
}

/** Binds a handler to its declaration: it is called with parsed input and an authenticated caller only. */
export function implement<const R extends RouteDeclaration>(
  route: R,
  handle: (request: HandlerRequest<R>, deps: Deps) => Promise<HandlerAnswer<R>>,
): Implementation {
  return {
    route,
    respond: (raw, scope, deps) =>
      handle({ ...parseRequest(route, raw), ...scope }, deps) as Promise<AnyAnswer>,
  };
}
