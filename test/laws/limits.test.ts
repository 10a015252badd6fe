import { describe, expect, it } from 'vitest';
import { INTRODUCTION } from '../../functions/system/docs/introduction.ts';
import { controlRoutes } from '../../shared/control-routes.ts';
import { buildOpenapi } from '../../shared/openapi/build-openapi.ts';
import { LIMITS } from '../../shared/openapi/limits-guide.ts';

const { info } = buildOpenapi(controlRoutes, { title: 'API', version: '1' }) as {
  info: { description: string };
};

/** Written out a second time: a limit changes by intent only. */
const EXPECTED = [
  'BASIC 1, PRO 5, MAX 20',
  '25',
  '20',
  'BASIC 20, PRO 40, MAX 60',
  '10000',
  '7 days, then it fails',
  '90 days',
  '300000 bytes',
  '200',
  'until that ends, at most 15 minutes',
  '5 at once, then one every 60 seconds',
];

describe('the limits', () => {
  it('are those written here', () => {
    expect(LIMITS.map(([, limit]) => limit)).toEqual(EXPECTED);
  });

  it.each(LIMITS)('the OpenAPI document and the reference state: %s', (what, limit) => {
    expect(info.description).toContain(`| ${what} | ${limit} |`);
    expect(INTRODUCTION).toContain(`<td>${limit}</td>`);
  });
});
