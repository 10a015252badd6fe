import { describe, expect, it } from 'vitest';
import { parseRequest, type RawRequest } from '../../../shared/contract/parse-request.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { sendMessage } from '../../../shared/messages/routes.ts';
import { createSession, getSession, listSessions } from '../../../shared/sessions/routes.ts';

const request = (overrides: Partial<RawRequest> = {}): RawRequest => ({
  params: {},
  query: {},
  contentType: 'application/json',
  body: undefined,
  ...overrides,
});

function failure(act: () => unknown): AppError {
  try {
    act();
  } catch (thrown) {
    if (thrown instanceof AppError) return thrown;
    throw thrown;
  }
  throw new Error('nothing was thrown');
}

describe('parsing a request', () => {
  it('normalises session ids in paths', () => {
    const { params } = parseRequest(getSession, request({ params: { sessionId: 'User_1  My Phone' } }));
    expect(params.sessionId).toBe('user-1-my-phone');
  });

  it('answers an id that nothing can have as a missing thing', () => {
    expect(failure(() => parseRequest(getSession, request({ params: { sessionId: '!!!' } }))).code).toBe(
      'NOT_FOUND',
    );
  });

  it('names the field that is wrong and never repeats its value', () => {
    const error = failure(() =>
      parseRequest(createSession, request({ body: '{"name":{"secret":"hunter2"}}' })),
    );
    expect(error).toMatchObject({ code: 'VALIDATION_ERROR', details: [{ path: 'name' }] });
    expect(JSON.stringify([error.message, error.details])).not.toContain('hunter2');
  });

  it.each([
    ['malformed JSON', { body: '{"name":' }, 'VALIDATION_ERROR'],
    ['no body at all', { body: undefined }, 'VALIDATION_ERROR'],
    [
      'a form',
      { body: 'name=x', contentType: 'application/x-www-form-urlencoded' },
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    ['a body over the bound', { body: JSON.stringify({ name: 'x'.repeat(5_000_000) }) }, 'PAYLOAD_TOO_LARGE'],
  ])('refuses %s with the declared error', (_, overrides, code) => {
    expect(failure(() => parseRequest(createSession, request(overrides))).code).toBe(code);
  });

  it('fills in the defaults of a query and bounds it', () => {
    expect(parseRequest(listSessions, request()).query).toEqual({ limit: 50 });
    expect(failure(() => parseRequest(listSessions, request({ query: { limit: '101' } }))).code).toBe(
      'VALIDATION_ERROR',
    );
  });

  it.each(['6281234567890', '+62 812-3456-7890', '6281234567890@s.whatsapp.net'])(
    'takes the recipient %s',
    (to) => {
      const { body } = parseRequest(
        sendMessage,
        request({ params: { sessionId: 's' }, body: JSON.stringify({ to, type: 'TEXT', message: 'hi' }) }),
      );
      expect(body).toMatchObject({ to: '6281234567890@s.whatsapp.net', type: 'text' });
    },
  );

  it('reads text as message, and takes one of the two only', () => {
    const parse = (fields: object) => {
      const body = JSON.stringify({ to: '6281234567890', type: 'text', ...fields });
      return parseRequest(sendMessage, request({ params: { sessionId: 's' }, body })).body;
    };
    expect(parse({ text: 'hi' })).toEqual(parse({ message: 'hi' }));
    expect(failure(() => parse({ text: 'hi', message: 'hi' })).details).toEqual([
      { path: 'text', message: 'message and text are the same field: send one of them' },
    ]);
  });

  it.each([
    [
      'a location with the field of another type',
      { to: '6281234567890', type: 'location', location: { latitude: 1, longitude: 2 }, poll: {} },
    ],
    ['a text without a message', { to: '6281234567890', type: 'text' }],
    ['an image without media', { to: '6281234567890', type: 'image' }],
    ['an unknown type', { to: '6281234567890', type: 'carrier-pigeon' }],
    ['a media URL of another scheme', { to: '6281234567890', type: 'image', media: 'file:///etc/passwd' }],
    ['no phone number', { to: 'ada', type: 'text', message: 'hi' }],
  ])('refuses %s', (_, body) => {
    const act = () =>
      parseRequest(sendMessage, request({ params: { sessionId: 's' }, body: JSON.stringify(body) }));
    expect(failure(act).code).toBe('VALIDATION_ERROR');
  });
});
