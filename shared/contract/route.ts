import type * as z from 'zod';
import type { ErrorCode } from '../errors/error-codes.ts';

/** Kinds of callers. `user` is a login's JWT, `admin` one whose role is ADMIN. */
export type CallerKind = 'public' | 'user' | 'apiKey' | 'admin' | 'worker';

/** A tenant's two kinds of credentials. */
export const TENANT: readonly CallerKind[] = ['user', 'apiKey'];

/** Each group is one Lambda on AWS: its routes share rights and cold starts. */
export type Group =
  | 'auth'
  | 'users'
  | 'sessions'
  | 'messages'
  | 'conversations'
  | 'webhooks'
  | 'analytics'
  | 'workers'
  | 'callbacks'
  | 'admin'
  | 'system';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

type ObjectSchema = z.ZodType<object, object>;

/**
 * A route as data, declared once: validation, handler types, gateway routes, local dispatch, the OpenAPI
 * document, the typed client and the law tests all read it.
 */
export interface RouteDeclaration {
  /** Unique; in camelCase. Its handler stands in `functions/<group>/<id in kebab-case>.ts`. */
  id: string;
  group: Group;
  method: Method;
  /** Further methods that do the same, each with the id of its operation in the OpenAPI document. */
  alsoBy?: Readonly<Partial<Record<Method, string>>>;
  /** The full path with `{name}` for parameters. */
  path: string;
  /** Further full paths with the same behaviour. */
  aliases?: readonly string[];
  callers: readonly CallerKind[];
  summary: string;
  description?: string;
  params?: ObjectSchema;
  query?: ObjectSchema;
  body?: z.ZodType;
  /** The `data` of a success; `z.undefined()` where a message is all there is. */
  answer: z.ZodType;
  /** Success statuses, the usual one first. */
  statuses?: readonly [number, ...number[]];
  errors?: readonly ErrorCode[];
  /** Media types of answers that are not the JSON envelope. */
  raw?: readonly string[];
  /** Set where the answer needs no data store, so that no failing store can fail it. */
  storeless?: boolean;
  /** Set on every POST that creates or sends: it takes an Idempotency-Key. */
  idempotent?: boolean;
  /** Bytes; the gateway's default bound where absent. */
  maxBodyBytes?: number;
}

/** Keeps the literal types of a declaration. */
export function defineRoute<const R extends RouteDeclaration>(route: R): R {
  return route;
}

type Output<S, Otherwise> = S extends z.ZodType ? z.output<S> : Otherwise;
type Input<S, Otherwise> = S extends z.ZodType ? z.input<S> : Otherwise;
type Part<R, K extends string> = K extends keyof R ? R[K] : undefined;

/** The input of a handler, after validation. */
export interface RouteInput<R extends RouteDeclaration> {
  params: Output<Part<R, 'params'>, Record<never, never>>;
  query: Output<Part<R, 'query'>, Record<never, never>>;
  body: Output<Part<R, 'body'>, undefined>;
}

/** The input of a client: the schemas' input side, each part only where the route declares it. */
export type RouteRequest<R extends RouteDeclaration> = (R extends { params: z.ZodType }
  ? { params: Input<R['params'], never> }
  : { params?: undefined }) &
  (R extends { query: z.ZodType } ? { query?: Input<R['query'], never> } : { query?: undefined }) &
  (R extends { body: z.ZodType } ? { body: Input<R['body'], never> } : { body?: undefined });

/** The `data` a handler answers with. */
export type RouteAnswer<R extends RouteDeclaration> = z.input<R['answer']>;

export const DEFAULT_MAX_BODY_BYTES = 4 * 1024 * 1024;

/** The methods of a route, the usual one first. */
export function methodsOf({ method, alsoBy = {} }: Pick<RouteDeclaration, 'method' | 'alsoBy'>): Method[] {
  return [method, ...(Object.keys(alsoBy) as Method[])];
}

/** API Gateway's route keys, like `PUT /api/v1/workers/{workerId}/heartbeat`. */
export function routeKeys(route: RouteDeclaration): string[] {
  const paths = [route.path, ...(route.aliases ?? [])];
  return methodsOf(route).flatMap((method) => paths.map((path) => `${method} ${path}`));
}
