import type { Deps } from '../../deps.ts';

/**
 * Stores the outcome of a message that a worker has had. Nothing is thrown, since an error would invite a
 * second message; what is not stored here comes with the worker's report.
 */
export async function noteOutcome(
  deps: Pick<Deps, 'log'>,
  about: { sessionId: string; messageId: string; status: string },
  write: () => Promise<unknown>,
): Promise<void> {
  try {
    await write();
  } catch (error) {
    const { sessionId, messageId, status } = about;
    const fields = { err: error, sessionId, messageId, status };
    deps.log.error(fields, 'what became of a message was not written down');
  }
}
