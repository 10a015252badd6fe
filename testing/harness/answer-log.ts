import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { RouteDeclaration } from '../../shared/contract/route.ts';
import { errorsOf } from '../../shared/contract/route-errors.ts';
import { controlRoutes } from '../../shared/control-routes.ts';
import { ERROR_CODES, type ErrorCode } from '../../shared/errors/error-codes.ts';

/** One folder for each run: test files run in processes of their own, children of the one that reports. */
const folderOf = (runPid: number) =>
  fileURLToPath(new URL(`../../node_modules/.cache/answers/${runPid}/`, import.meta.url));

/** `getUser 200`, `getUser 404 NOT_FOUND`: one line of what a route declares. */
const nameOf = (routeId: string, status: number, code?: ErrorCode) =>
  [routeId, status, ...(code === undefined ? [] : [code])].join(' ');

const seen = new Set<string>();

/** Remembers one line of what is declared, for the list at the end of the run. */
export function recordSeen(line: string): void {
  seen.add(line);
}

/** Remembers that a route gave a declared answer. */
export function recordAnswer(routeId: string, status: number, code?: ErrorCode): void {
  recordSeen(nameOf(routeId, status, code));
}

/** Called once a test file is through. */
export function writeAnswers(): void {
  if (seen.size === 0) return;
  const folder = folderOf(process.ppid);
  mkdirSync(folder, { recursive: true });
  appendFileSync(`${folder}${process.pid}`, [...seen, ''].join('\n'));
}

/** Called before the run: one that was cut off may have had the same process id. */
export function forgetAnswers(): void {
  rmSync(folderOf(process.pid), { recursive: true, force: true });
}

export interface Coverage {
  declared: number;
  /** Declared, and not seen in this run. */
  missing: string[];
}

function answersOf(route: RouteDeclaration): string[] {
  const successes = route.statuses ?? [200];
  return [
    ...successes.map((status) => nameOf(route.id, status)),
    ...errorsOf(route).map((code) => nameOf(route.id, ERROR_CODES[code].status, code)),
  ];
}

function readLines(): Set<string> {
  const folder = folderOf(process.pid);
  try {
    return new Set(readdirSync(folder).flatMap((file) => readFileSync(folder + file, 'utf8').split('\n')));
  } catch {
    return new Set();
  }
}

/** What the files of this run have seen; takes it away. */
export function collectSeen(): ReadonlySet<string> {
  const lines = readLines();
  forgetAnswers();
  return lines;
}

export const coverageOf = (declared: readonly string[], lines: ReadonlySet<string>): Coverage => ({
  declared: declared.length,
  missing: declared.filter((line) => !lines.has(line)),
});

/** Successes by status, failures by status and code, over all routes of the control plane. */
export const declaredAnswers = (controlRoutes as readonly RouteDeclaration[]).flatMap(answersOf);
