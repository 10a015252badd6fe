import PQueue from 'p-queue';
import type { Logger } from 'pino';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { Assignment } from '../../../shared/workers/schema.ts';
import { describeFault } from '../../whatsapp/socket/describe-fault.ts';
import type { RecoveryResult } from '../ports.ts';
import type { Session } from '../session.ts';
import { planStep } from './converge-plan.ts';
import type { Seen } from './ownership.ts';

export interface ConvergeDeps {
  concurrency: number;
  log: Logger;
  /** Whether it counts no more: the lease for which it was given is over, or nothing is opened any more. */
  stopped: (assignment: Assignment) => boolean;
  held: (sessionId: string) => Session | undefined;
  gone: (sessionId: string) => Seen | undefined;
  open: (assignment: Assignment) => Session;
  release: (session: Session, assignment: Assignment) => Promise<void>;
  logout: (assignment: Assignment) => Promise<void>;
  remove: (assignment: Assignment) => Promise<void>;
  /** Nothing up to it opens the session. */
  heed: (assignment: Assignment) => void;
  /** Tells the control plane that it is not here, nor will be by this order. */
  tellReleased: (assignment: Assignment, phoneNumber: string | null) => void;
  wait: (ms: number) => Promise<void>;
  random: () => number;
}

/** After so long, whatever a session is waiting for, the next one begins: a dead proxy holds up nobody else. */
const PLACE_MS = 500;
/** What becomes of a session within this time is reported. */
const SETTLE_MS = 10_000;
const JITTER_MS = 250;
/** One session whose storage hangs must not keep the others from being looked after. */
const STEP_MS = 45_000;

/** Makes assignments true; a few begin at the same time. What is true already costs nothing. */
export async function converge(
  assignments: readonly Assignment[],
  deps: ConvergeDeps,
): Promise<RecoveryResult[]> {
  const queue = new PQueue({ concurrency: deps.concurrency });
  const planOf = (assignment: Assignment) =>
    planStep(assignment, deps.held(assignment.sessionId), deps.gone(assignment.sessionId));
  const toRestore = new Set(assignments.filter((each) => planOf(each) === 'connect'));
  const restored = trackRestore(toRestore.size, deps.log);
  const settle = async (assignment: Assignment): Promise<RecoveryResult> => {
    // Also where the assignment itself asks for nothing new: settings are counted by themselves.
    deps.held(assignment.sessionId)?.configure(assignment.epoch, assignment.settings);
    const step = planOf(assignment);
    if (step === 'ignore' || deps.stopped(assignment))
      return { sessionId: assignment.sessionId, status: 'skipped' };
    try {
      return await within(STEP_MS, take(step, assignment, deps));
    } catch (fault) {
      const sentence = fault instanceof AppError ? fault.message : 'The session could not be taken over.';
      deps.log.warn(
        { sessionId: assignment.sessionId, step, reason: describeFault(fault) },
        'an assignment could not be made true',
      );
      return { sessionId: assignment.sessionId, status: 'failed', error: sentence };
    }
  };
  const settled = assignments.map((assignment) => {
    const { promise, resolve } = Promise.withResolvers<RecoveryResult>();
    const begin = async () => {
      const settling = settle(assignment);
      void settling.then((result) => {
        if (toRestore.has(assignment)) restored(result.status);
        resolve(result);
      });
      await Promise.race([settling, deps.wait(PLACE_MS)]);
    };
    void queue.add(begin);
    return promise;
  });
  return await Promise.all(settled);
}

async function take(
  step: Exclude<ReturnType<typeof planStep>, 'ignore'>,
  assignment: Assignment,
  deps: ConvergeDeps,
): Promise<RecoveryResult> {
  const { sessionId, epoch, rev } = assignment;
  const session = deps.held(sessionId);
  if (step === 'connect') return await openAndRestore(assignment, deps);
  if (step === 'heed' || step === 'decline') deps.heed(assignment);
  if (step === 'decline') deps.tellReleased(assignment, null);
  if (step === 'disconnect') await session?.disconnect({ epoch, rev });
  if (step === 'release' && session !== undefined) {
    await deps.release(session, assignment);
    deps.tellReleased(assignment, session.view().phoneNumber);
  }
  if (step === 'logout') await deps.logout(assignment);
  if (step === 'remove') await deps.remove(assignment);
  return { sessionId, status: 'skipped' };
}

/** Where there is no room for it, it is somebody else's. */
async function openAndRestore(assignment: Assignment, deps: ConvergeDeps): Promise<RecoveryResult> {
  try {
    return await restore(deps.open(assignment), assignment, deps);
  } catch (fault) {
    if (fault instanceof AppError && fault.code === 'WORKER_FULL') {
      deps.heed(assignment);
      deps.tellReleased(assignment, null);
    }
    throw fault;
  }
}

async function restore(
  session: Session,
  assignment: Assignment,
  deps: ConvergeDeps,
): Promise<RecoveryResult> {
  const { sessionId, epoch, rev, authFloor, settings } = assignment;
  session.raiseAuthFloor(authFloor);
  session.configure(epoch, settings);
  // Not all at the same moment: neither WhatsApp nor the object store likes a stampede.
  await deps.wait(deps.random() * JITTER_MS);
  if (deps.stopped(assignment)) return { sessionId, status: 'skipped' };
  await session.connect({ epoch, rev });
  const { status, error } = await session.settle(SETTLE_MS);
  const failed = status === 'error' || status === 'logged_out' || status === 'disconnected';
  return failed
    ? { sessionId, status: 'failed', error: error ?? `The session is ${status}.` }
    : { sessionId, status: 'recovered' };
}

async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    const late = () => reject(new AppError('WORKER_TIMEOUT', 'The session did not get there in time.'));
    timer = setTimeout(late, timeoutMs);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/** Fewer are restored before anybody looks. */
const MANY = 10;
const STEPS = 10;

/** Counts sessions as they are restored: a line at each tenth where there are many, none where there are few. */
export function trackRestore(total: number, log: Logger): (status: RecoveryResult['status']) => void {
  let done = 0;
  let failed = 0;
  const tenths = () => Math.floor((done * STEPS) / total);
  return (status) => {
    const before = tenths();
    done += 1;
    if (status === 'failed') failed += 1;
    if (total >= MANY && tenths() > before) log.info({ done, total, failed }, 'restoring sessions');
  };
}
