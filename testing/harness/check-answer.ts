import * as z from 'zod';
import { createPathMatcher } from '../../shared/contract/match-path.ts';
import type { RouteDeclaration } from '../../shared/contract/route.ts';
import { errorsOf } from '../../shared/contract/route-errors.ts';
import { controlRoutes } from '../../shared/control-routes.ts';
import { ERROR_CODES, isErrorCode } from '../../shared/errors/error-codes.ts';
import type { FailureBody } from '../../shared/errors/render-error.ts';
import { FAILURE_SCHEMAS } from '../../shared/openapi/components.ts';
import { standalone } from '../../shared/openapi/json-schema.ts';
import { envelopeOf } from '../../shared/openapi/responses.ts';
import { recordAnswer } from './answer-log.ts';

/** An answer of the control plane, whichever way it came. */
export interface Answered {
  method: string;
  /** Without the query. */
  path: string;
  status: number;
  /** Names in lower case. */
  headers: Readonly<Record<string, string | undefined>>;
  text: string;
}

const matcher = createPathMatcher<RouteDeclaration>(controlRoutes);
const failure = z.fromJSONSchema(standalone({ $ref: '#/components/schemas/Failure' }, FAILURE_SCHEMAS));
const envelopes = new Map<string, z.ZodType | undefined>();

/** Compiled once; the very JSON Schema that the OpenAPI document shows. */
function envelopeSchema(route: RouteDeclaration): z.ZodType | undefined {
  if (!envelopes.has(route.id)) {
    const declared = envelopeOf(route);
    envelopes.set(route.id, declared === undefined ? undefined : z.fromJSONSchema(declared));
  }
  return envelopes.get(route.id);
}

function problemOf(schema: z.ZodType, text: string): string | undefined {
  const { error } = schema.safeParse(JSON.parse(text));
  return error === undefined ? undefined : `has a body that is not declared: ${z.prettifyError(error)}`;
}

const typeOf = ({ headers }: Answered) => headers['content-type'] ?? '';
const isJson = (contentType: string) => /^application\/json\b/.test(contentType);

const SENTENCE = /^[A-Z"].*[.!]$/s;
/** What a stack, the platform or the data store would give away. */
const INTERNALS =
  /\bat [\w.<>]+ \(|\.[tj]s:\d|node_modules|Exception\b|amazonaws|[Dd]ynamo|\b(?:ECONN\w+|ENOTFOUND|ETIMEDOUT|EPIPE)\b/;

/** What the contract asks of every failure, whichever route gave it (section 1). */
function problemOfManners(
  { headers }: Answered,
  { error, code, requestId }: FailureBody,
): string | undefined {
  if (!SENTENCE.test(error)) return 'has an error that is no sentence';
  if (INTERNALS.test(error)) return 'tells of what is behind it';
  if (headers['x-request-id'] !== requestId) return 'names another request than its header';
  if ('retryAfterS' in ERROR_CODES[code] && !/^[1-9]\d*$/.test(headers['retry-after'] ?? ''))
    return `does not say in retry-after when to come back: ${headers['retry-after']}`;
  return undefined;
}

function problemOfFailure(route: RouteDeclaration | undefined, answered: Answered): string | undefined {
  const { status, text } = answered;
  if (!isJson(typeOf(answered))) return `is a failure of type ${typeOf(answered)}`;
  const problem = problemOf(failure, text);
  if (problem !== undefined) return problem;
  const body = JSON.parse(text) as FailureBody;
  if (ERROR_CODES[body.code].status !== status) return `has the code ${body.code}`;
  if (route !== undefined && !errorsOf(route).includes(body.code))
    return `has the undeclared code ${body.code}`;
  return problemOfManners(answered, body);
}

function problemOfSuccess(route: RouteDeclaration, answered: Answered): string | undefined {
  const { status, headers, text } = answered;
  const statuses: readonly number[] = route.statuses ?? [200];
  if (!statuses.includes(status)) return 'has an undeclared status';
  if (!headers['x-request-id']) return 'has no x-request-id';
  // A redirection has no content.
  if (status >= 300) return undefined;
  const schema = envelopeSchema(route);
  const contentType = typeOf(answered);
  const [type = ''] = contentType.split(';');
  if (schema !== undefined && isJson(contentType)) return problemOf(schema, text);
  return route.raw?.includes(type) ? undefined : `has the undeclared content type ${contentType}`;
}

function record({ id }: RouteDeclaration, { status, text }: Answered): void {
  const code: unknown = status < 400 ? undefined : JSON.parse(text).code;
  recordAnswer(id, status, isErrorCode(code) ? code : undefined);
}

/** What is wrong with an answer by what its route declares, and by what the contract asks of all. */
export function faultOf(answered: Answered): string | undefined {
  const { method, path, status } = answered;
  const route = matcher.match(method, path)?.route;
  return route === undefined || status >= 400
    ? problemOfFailure(route, answered)
    : problemOfSuccess(route, answered);
}

/**
 * Holds an answer against what its route declares: status, content type, body, and the code of a failure. The tests
 * send everything through here, so that no answer drifts from the OpenAPI document; what was right is remembered.
 * @throws Error that says what was answered, and what is wrong with it
 */
export function checkAnswer(answered: Answered): void {
  const { method, path, status, text } = answered;
  const fault = faultOf(answered);
  if (fault !== undefined)
    throw new Error(`${method} ${path} answered ${status}, which ${fault}\n${text.slice(0, 2_000)}`);
  const route = matcher.match(method, path)?.route;
  if (route !== undefined) record(route, answered);
}

/** Below which an emulator's API Gateway answers; its stages have no host name. */
const EMULATED_STAGE = /^\/_aws\/execute-api\/[^/]+\/[^/]+/;

/** `fetch` for clients of the control plane: every answer is held against its declaration. */
export const checkedFetch: typeof fetch = async (input, init) => {
  const response = await fetch(input, init);
  const { pathname } = new URL(input instanceof Request ? input.url : input);
  checkAnswer({
    method: init?.method ?? 'GET',
    path: pathname.replace(EMULATED_STAGE, ''),
    status: response.status,
    headers: Object.fromEntries(response.headers),
    text: await response.clone().text(),
  });
  return response;
};
