/**
 * Why a session's journal cannot be read. A person has to look at each of these: nothing is overwritten or
 * deleted meanwhile.
 */
export type JournalErrorCode = 'JOURNAL_CORRUPT' | 'JOURNAL_GAP' | 'JOURNAL_VERSION' | 'JOURNAL_CLOSED';

export class JournalError extends Error {
  override readonly name = 'JournalError';
  readonly code: JournalErrorCode;

  constructor(code: JournalErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
