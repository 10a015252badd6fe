import type { Response } from 'express';
import type { Logger } from 'pino';
import { AppError } from '../../shared/errors/app-error.ts';
import { renderError } from '../../shared/errors/render-error.ts';

/** Failures of Express and its body parser, by their type or name, in our words. */
function translate(thrown: unknown): unknown {
  if (!(thrown instanceof Error) || thrown instanceof AppError) return thrown;
  const { type, status } = thrown as { type?: unknown; status?: unknown };
  if (type === 'entity.too.large')
    return new AppError('PAYLOAD_TOO_LARGE', 'Send at most 4 MiB; larger media goes by URL.', {
      cause: thrown,
    });
  if (type === 'encoding.unsupported' || type === 'charset.unsupported')
    return new AppError('UNSUPPORTED_MEDIA_TYPE', 'Send the body as UTF-8 JSON, plain or gzipped.', {
      cause: thrown,
    });
  if (thrown instanceof URIError)
    return new AppError('NOT_FOUND', 'There is nothing under this address.', { cause: thrown });
  if (typeof type === 'string' && typeof status === 'number' && status < 500)
    return new AppError('VALIDATION_ERROR', 'The body did not arrive whole; send it again.', {
      cause: thrown,
    });
  return thrown;
}

/** Answers in the one failure shape; an unexpected failure is logged once, with the request id. */
export function renderFailure(thrown: unknown, requestId: string, response: Response, logger: Logger): void {
  const { status, headers, body, expected } = renderError(translate(thrown), requestId);
  if (!expected) logger.error({ err: thrown, requestId }, 'a request failed unexpectedly');
  if (response.headersSent) {
    response.destroy();
    return;
  }
  // The rest of an oversized body is not read.
  if (status === 413) response.set('connection', 'close');
  response.status(status).set(headers).json(body);
}
