import { describe, expect, it } from 'vitest';
import { checkAnswer } from './check-answer.ts';

const json = (method: string, path: string, status: number, body: object) => () =>
  checkAnswer({ method, path, status, contentType: 'application/json', text: JSON.stringify(body) });

const CONFIG = { version: '1', websocketUrl: 'ws://x', environment: 'TESTING', network: 'sandbox' };
const failure = (code: string) => ({ success: false, error: 'No.', code, requestId: 'r' });

describe('the check of every answer in the tests', () => {
  const config = (status: number, body: object) => json('GET', '/api/v1/config', status, body);

  it('lets pass what is declared', () => {
    config(200, { success: true, data: CONFIG })();
    json('GET', '/api/v1/sessions/a-b', 404, failure('NOT_FOUND'))();
    json('GET', '/api/v1/nothing', 404, failure('NOT_FOUND'))();
    checkAnswer({
      method: 'GET',
      path: '/api/v1/docs',
      status: 200,
      contentType: 'text/html; charset=utf-8',
      text: '<p>',
    });
  });

  it('refuses a status, a field, a type, a code and a shape that are not', () => {
    expect(config(201, { success: true, data: CONFIG })).toThrow('undeclared status');
    expect(config(200, { success: true, data: { ...CONFIG, secret: 's' } })).toThrow('not declared');
    expect(config(200, { success: true, data: { ...CONFIG, network: 'lan' } })).toThrow('not declared');
    expect(config(200, { success: true })).toThrow('not declared');
    expect(config(409, failure('CONFLICT'))).toThrow('undeclared code CONFLICT');
    expect(config(404, failure('INTERNAL_ERROR'))).toThrow('the code INTERNAL_ERROR');
    expect(config(500, { message: 'Internal Server Error' })).toThrow('not declared');
    const html = { method: 'GET', path: '/api/v1/config', status: 200, contentType: 'text/html', text: '' };
    expect(() => checkAnswer(html)).toThrow('undeclared content type');
  });
});
