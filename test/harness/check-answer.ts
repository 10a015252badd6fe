import * as z from 'zod';
import { controlRoutes } from '../../shared/contract/control-routes.ts';
import { createPathMatcher } from '../../shared/contract/match-path.ts';
import { FAILURE } from '../../shared/contract/openapi-components.ts';
import { envelopeOf } from '../../shared/contract/openapi-operation.ts';
import type { RouteDeclaration } from '../../shared/contract/route.ts';
import { errorsOf } from '../../shared/contract/route-errors.ts';
import { ERROR_CODES, isErrorCode } from '../../shared/errors/error-codes.ts';
import { recordAnswer } from './answer-log.ts';

/** An answer of the control plane, whichever way it came. */
export interface Answered {
  method: string;
  /** Without the query. */
  path: string;
  status: number;
  contentType: string;
  text: string;
}

const matcher = createPathMatcher<RouteDeclaration>(controlRoutes);
const failure = z.fromJSONSchema(FAILURE);
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

const isJson = (contentType: string) => /^application\/json\b/.test(contentType);

function problemOfFailure(route: RouteDeclaration | undefined, { status, contentType, text }: Answered) {
  if (!isJson(contentType)) return `is a failure of type ${contentType}`;
  const problem = problemOf(failure, text);
  if (problem !== undefined) return problem;
  const { code } = JSON.parse(text) as { code: string };
  if (!isErrorCode(code) || ERROR_CODES[code].status !== status) return `has the code ${code}`;
  if (route !== undefined && !errorsOf(route).includes(code)) return `has the undeclared code ${code}`;
  return undefined;
}

function problemOfSuccess(route: RouteDeclaration, { status, contentType, text }: Answered) {
  const statuses: readonly number[] = route.statuses ?? [200];
  if (!statuses.includes(status)) return 'has an undeclared status';
  // A redirection has no content.
  if (status >= 300) return undefined;
  const schema = envelopeSchema(route);
  const [type = ''] = contentType.split(';');
  if (schema !== undefined && isJson(contentType)) return problemOf(schema, text);
  return route.raw?.includes(type) ? undefined : `has the undeclared content type ${contentType}`;
}

/**
 * Holds an answer against what its route declares: status, content type, body, and the code of a failure. The
 * tests send everything through here, so that no answer drifts from the OpenAPI document.
 * @throws Error that says what was answered, and what is wrong with it
 */
export function checkAnswer(answered: Answered): void {
  const { method, path, status, text } = answered;
  const route = matcher.match(method, path)?.route;
  if (route !== undefined) recordAnswer(route.id, status);
  const problem =
    route === undefined || status >= 400
      ? problemOfFailure(route, answered)
      : problemOfSuccess(route, answered);
  if (problem === undefined) return;
  throw new Error(`${method} ${path} answered ${status}, which ${problem}\n${text.slice(0, 2_000)}`);
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
    contentType: response.headers.get('content-type') ?? '',
    text: await response.clone().text(),
  });
  return response;
};
