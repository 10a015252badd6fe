import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { controlRoutes } from '../../shared/contract/control-routes.ts';
import type { RouteDeclaration } from '../../shared/contract/route.ts';
import { errorsOf } from '../../shared/contract/route-errors.ts';
import { ERROR_CODES } from '../../shared/errors/error-codes.ts';

/** One folder for each run: test files run in processes of their own, children of the one that reports. */
const folderOf = (runPid: number) =>
  fileURLToPath(new URL(`../../node_modules/.cache/answers/${runPid}/`, import.meta.url));

const seen = new Set<string>();

/** Remembers that a route answered with a status, for the list at the end of the run. */
export function recordAnswer(routeId: string, status: number): void {
  seen.add(`${routeId} ${status}`);
}

/** Called once a test file is through. */
export function writeAnswers(): void {
  if (seen.size === 0) return;
  const folder = folderOf(process.ppid);
  mkdirSync(folder, { recursive: true });
  appendFileSync(`${folder}${process.pid}`, [...seen, ''].join('\n'));
}

export interface AnswerCoverage {
  declared: number;
  seen: number;
  /** Declared successes that no test has seen. */
  missingSuccesses: string[];
}

function declaredPairs(route: RouteDeclaration): string[] {
  const failures = errorsOf(route).map((code) => ERROR_CODES[code].status);
  const statuses = new Set<number>([...(route.statuses ?? [200]), ...failures]);
  return [...statuses].map((status) => `${route.id} ${status}`);
}

/** What the files of this run have seen; takes it away. `undefined` where none called the control plane. */
export function collectAnswers(): AnswerCoverage | undefined {
  const folder = folderOf(process.pid);
  try {
    const pairs = new Set(
      readdirSync(folder).flatMap((file) => readFileSync(folder + file, 'utf8').split('\n')),
    );
    const declared = (controlRoutes as readonly RouteDeclaration[]).flatMap(declaredPairs);
    const missing = declared.filter((pair) => !pairs.has(pair));
    return {
      declared: declared.length,
      seen: declared.length - missing.length,
      missingSuccesses: missing.filter((pair) => /[23]..$/.test(pair)),
    };
  } catch {
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
