import { methodsOf, type RouteDeclaration } from './route.ts';

export interface PathMatch<R extends RouteDeclaration> {
  route: R;
  /** The template that matched: the route's path or one of its aliases. */
  template: string;
  /** Percent-decoded. */
  params: Record<string, string>;
}

interface Entry<R> {
  route: R;
  template: string;
  segments: string[];
}

/** Finds the route of a request, or the methods that its path allows. */
export interface PathMatcher<R extends RouteDeclaration> {
  match(method: string, path: string): PathMatch<R> | undefined;
  /** The methods declared for this path under the best matching template; empty where the path is unknown. */
  methodsFor(path: string): string[];
}

const isParameter = (segment: string) => segment.startsWith('{');

/** Literal segments win over parameters, position by position, as in API Gateway. */
function bySpecificity(a: Entry<unknown>, b: Entry<unknown>): number {
  for (const [index, segment] of a.segments.entries()) {
    const difference = Number(isParameter(segment)) - Number(isParameter(b.segments[index] ?? ''));
    if (difference !== 0) return difference;
  }
  return 0;
}

function matchSegments(template: string[], actual: string[]): Record<string, string> | undefined {
  const params: Record<string, string> = {};
  for (const [index, segment] of template.entries()) {
    const value = actual[index] ?? '';
    if (isParameter(segment)) {
      if (value === '') return undefined;
      try {
        params[segment.slice(1, -1)] = decodeURIComponent(value);
      } catch {
        return undefined;
      }
    } else if (segment !== value) return undefined;
  }
  return params;
}

/** Compiles a route table once; look-ups go by the number of segments. */
export function createPathMatcher<R extends RouteDeclaration>(routes: readonly R[]): PathMatcher<R> {
  const byLength = new Map<number, Entry<R>[]>();
  for (const route of routes) {
    for (const template of [route.path, ...(route.aliases ?? [])]) {
      const segments = template.split('/');
      const entries = byLength.get(segments.length) ?? [];
      entries.push({ route, template, segments });
      byLength.set(segments.length, entries);
    }
  }
  for (const entries of byLength.values()) entries.sort(bySpecificity);

  function* candidates(path: string) {
    const actual = path.split('/');
    for (const entry of byLength.get(actual.length) ?? []) {
      const params = matchSegments(entry.segments, actual);
      if (params !== undefined) yield { route: entry.route, template: entry.template, params };
    }
  }
  return {
    match: (method, path) =>
      candidates(path).find(({ route }) => methodsOf(route).some((each) => each === method)),
    methodsFor(path) {
      const all = [...candidates(path)];
      const [first] = all;
      return all
        .filter(({ template }) => template === first?.template)
        .flatMap(({ route }) => methodsOf(route));
    },
  };
}
