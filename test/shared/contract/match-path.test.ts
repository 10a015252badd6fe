import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createPathMatcher } from '../../../shared/contract/match-path.ts';
import { defineRoute } from '../../../shared/contract/route.ts';
import { controlRoutes } from '../../../shared/control-routes.ts';

const base = { group: 'workers', callers: ['worker'], summary: '', answer: z.undefined() } as const;
const statistics = defineRoute({ ...base, id: 'statistics', method: 'GET', path: '/workers/statistics' });
const one = defineRoute({ ...base, id: 'one', method: 'GET', path: '/workers/{workerId}' });
const drop = defineRoute({
  ...base,
  id: 'drop',
  method: 'DELETE',
  path: '/workers/{workerId}',
  aliases: ['/w/{workerId}'],
});

describe('the path matcher', () => {
  it('the path matcher prefers literal paths over parameters, whatever the order of declaration', () => {
    for (const routes of [
      [statistics, one],
      [one, statistics],
    ])
      expect(createPathMatcher(routes).match('GET', '/workers/statistics')?.route.id).toBe('statistics');
  });

  it('the path matcher falls back on a parameter where the literal path knows another method only', () => {
    const match = createPathMatcher([statistics, drop]).match('DELETE', '/workers/statistics');
    expect(match).toMatchObject({ route: { id: 'drop' }, params: { workerId: 'statistics' } });
  });

  it('the path matcher tells which methods a path knows, for 405', () => {
    const matcher = createPathMatcher([statistics, one, drop]);
    expect(matcher.methodsFor('/workers/w-1').toSorted()).toEqual(['DELETE', 'GET']);
    expect(matcher.methodsFor('/nothing/here')).toEqual([]);
  });

  it('the path matcher serves aliases as the route itself and names the template that matched', () => {
    const match = createPathMatcher([drop]).match('DELETE', '/w/a%20b');
    expect(match).toMatchObject({ template: '/w/{workerId}', params: { workerId: 'a b' } });
  });

  it('the path matcher matches no empty parameter and no broken escape', () => {
    const matcher = createPathMatcher([one]);
    expect(matcher.match('GET', '/workers/')).toBeUndefined();
    expect(matcher.match('GET', '/workers/%zz')).toBeUndefined();
  });

  it('the path matcher finds every declared route again from a path built of its template', () => {
    const matcher = createPathMatcher(controlRoutes);
    fc.assert(
      fc.property(
        fc.constantFrom(...controlRoutes),
        fc.stringMatching(/^[a-z0-9-]{1,20}x$/),
        (route, value) => {
          const path = route.path.replace(/\{\w+\}/g, value);
          expect(matcher.match(route.method, path)?.route.id).toBe(route.id);
        },
      ),
    );
  });

  it('the path matcher never throws, whatever the path', () => {
    const matcher = createPathMatcher(controlRoutes);
    fc.assert(
      fc.property(fc.string(), fc.string(), (method, path) => {
        matcher.match(method, `/${path}`);
        matcher.methodsFor(`/${path}`);
      }),
    );
  });
});
