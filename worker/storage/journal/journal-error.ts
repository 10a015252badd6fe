/**
 * Why a session's journal cannot be read. Each names something a person must look at: nothing is
 * overwritten or deleted in these cases.
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
