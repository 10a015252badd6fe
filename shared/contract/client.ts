import type * as z from 'zod';
import { isErrorCode } from '../errors/error-codes.ts';
import { ApiError } from './api-error.ts';
import type { RouteDeclaration, RouteRequest } from './route.ts';

export interface CallOptions {
  timeoutMs?: number;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** The default time-out: API Gateway ends a call after 30 s. */
const DEFAULT_TIMEOUT_MS = 30_000;
/** Fields named of an answer that does not match. */
const MOST_NAMED = 5;

/** One function per route id. */
export type Client<Routes extends readonly RouteDeclaration[]> = {
  [R in Routes[number] as R['id']]: (
    request: RouteRequest<R>,
    options?: CallOptions,
  ) => Promise<{ status: number; data: z.output<R['answer']>; message?: string; headers: Headers }>;
};

export interface ClientOptions {
  /** Scheme, host and port; the routes carry full paths. */
  baseUrl: string;
  /** Called before each request, so that tokens can be renewed or rotated. */
  token?: () => string | undefined | Promise<string | undefined>;
  headers?: Record<string, string>;
  fetch?: typeof fetch;
  /**
   * Checks answers against their routes' declarations: only declared fields are returned, and an answer that
   * does not match is an ApiError without a code, like a proxy's.
   */
  checkAnswers?: boolean;
}

interface AnyRequest {
  params?: Record<string, unknown>;
  query?: Record<string, unknown>;
  body?: unknown;
}

function buildUrl(baseUrl: string, route: RouteDeclaration, request: AnyRequest): string {
  const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(request.params?.[name] ?? '')),
  );
  const url = new URL(baseUrl.replace(/\/+$/, '') + path);
  for (const [name, value] of Object.entries(request.query ?? {}))
    if (value !== undefined) url.searchParams.set(name, String(value));
  return url.href;
}

interface AnswerBody {
  success?: boolean;
  data?: unknown;
  message?: string;
  error?: string;
  code?: unknown;
  details?: unknown;
  requestId?: string;
}

async function readBody(response: Response): Promise<AnswerBody> {
  const text = await response.text();
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? parsed : {};
  } catch {
    return {};
  }
}

/** Names the fields that do not match, never their values. */
function checkAnswer(route: RouteDeclaration, { status }: Response, body: AnswerBody): unknown {
  const parsed = route.answer.safeParse(body.data);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.slice(0, MOST_NAMED).map(({ path }) => path.map(String).join('.'));
  const { method, path } = route;
  throw new ApiError({
    status,
    code: undefined,
    message: `${method} ${path} answered in another form than it declares: ${fields.join(', ') || 'all of it'}`,
    details: undefined,
    retryAfterS: Number.NaN,
    requestId: body.requestId,
  });
}

async function call(options: ClientOptions, route: RouteDeclaration, request: AnyRequest, each: CallOptions) {
  const token = await options.token?.();
  const timeout = AbortSignal.timeout(each.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  const response = await (options.fetch ?? fetch)(buildUrl(options.baseUrl, route, request), {
    method: route.method,
    headers: {
      ...options.headers,
      ...each.headers,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    signal: each.signal === undefined ? timeout : AbortSignal.any([timeout, each.signal]),
    redirect: 'error',
  });
  const body = await readBody(response);
  if (response.ok && body.success === true) {
    const data = options.checkAnswers === true ? checkAnswer(route, response, body) : body.data;
    return { status: response.status, data, message: body.message, headers: response.headers };
  }
  throw new ApiError({
    status: response.status,
    code: isErrorCode(body.code) ? body.code : undefined,
    message: body.error ?? `${route.method} ${route.path} answered ${response.status}`,
    details: body.details,
    retryAfterS: Number(response.headers.get('retry-after') ?? Number.NaN),
    requestId: body.requestId,
  });
}

/**
 * Creates a typed client of either API from its route table.
 * @throws ApiError for every declared failure; TypeError or a DOMException (TimeoutError) from `fetch` where
 * no answer came
 */
export function createClient<const Routes extends readonly RouteDeclaration[]>(
  routes: Routes,
  options: ClientOptions,
): Client<Routes> {
  return Object.fromEntries(
    routes.map((route) => [
      route.id,
      (request: AnyRequest, each: CallOptions = {}) => call(options, route, request, each),
    ]),
  ) as unknown as Client<Routes>;
}
