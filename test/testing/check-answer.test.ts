import { describe, expect, it } from 'vitest';
import { type Answered, faultOf } from '../../testing/harness/check-answer.ts';

const HEADERS = { 'content-type': 'application/json', 'x-request-id': 'r' };

const json = (
  method: string,
  path: string,
  status: number,
  body: object,
  headers: Answered['headers'] = {},
) => faultOf({ method, path, status, headers: { ...HEADERS, ...headers }, text: JSON.stringify(body) });

const CONFIG = { version: '1', websocketUrl: 'ws://x', environment: 'TESTING', network: 'sandbox' };
const failure = (code: string, error = 'Not now.') => ({ success: false, error, code, requestId: 'r' });

describe('the check of every answer in the tests', () => {
  const config = (status: number, body: object) => json('GET', '/api/v1/config', status, body);
  const session = (status: number, body: object, headers: Answered['headers'] = {}) =>
    json('GET', '/api/v1/sessions/a-b', status, body, headers);
  const page = (contentType: string) =>
    faultOf({
      method: 'GET',
      path: '/api/v1/docs',
      status: 200,
      headers: { ...HEADERS, 'content-type': contentType },
      text: '<p>',
    });

  it('the check of every answer in the tests lets pass what is declared', () => {
    for (const fault of [
      config(200, { success: true, data: CONFIG }),
      session(404, failure('NOT_FOUND')),
      session(429, failure('RATE_LIMITED'), { 'retry-after': '1' }),
      json('GET', '/api/v1/nothing', 404, failure('NOT_FOUND')),
      page('text/html; charset=utf-8'),
    ])
      expect(fault).toBeUndefined();
  });

  it('the check of every answer in the tests refuses a status, a field, a type, a code and a shape that are not', () => {
    expect(config(201, { success: true, data: CONFIG })).toContain('undeclared status');
    expect(config(200, { success: true, data: { ...CONFIG, secret: 's' } })).toContain('not declared');
    expect(config(200, { success: true, data: { ...CONFIG, network: 'lan' } })).toContain('not declared');
    expect(config(200, { success: true })).toContain('not declared');
    expect(session(409, failure('CONFLICT'))).toContain('undeclared code CONFLICT');
    expect(session(404, failure('INTERNAL_ERROR'))).toContain('the code INTERNAL_ERROR');
    expect(session(500, { message: 'Internal Server Error' })).toContain('not declared');
    expect(page('text/plain')).toContain('undeclared content type');
  });

  it('the check of every answer in the tests refuses a failure that is no sentence, gives something away, or leaves the caller guessing', () => {
    for (const error of ['', 'not found', 'No'])
      expect(session(404, failure('NOT_FOUND', error))).toContain('no sentence');
    for (const error of [
      'The item at readItem (/srv/table.ts:12:3).',
      'ResourceNotFoundException was answered.',
      'Failed: connect ECONNREFUSED.',
    ])
      expect(session(500, failure('INTERNAL_ERROR', error))).toContain('what is behind it');
    expect(session(404, failure('NOT_FOUND'), { 'x-request-id': 'other' })).toContain('another request');
    for (const headers of [{}, { 'retry-after': '0' }, { 'retry-after': 'soon' }])
      expect(session(429, failure('RATE_LIMITED'), headers)).toContain('when to come back');
    expect(
      json('GET', '/api/v1/config', 200, { success: true, data: CONFIG }, { 'x-request-id': undefined }),
    ).toContain('no x-request-id');
  });
});
