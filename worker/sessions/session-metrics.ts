/** What is counted of all sessions together; told as it happens, and never with an id or a number. */
export interface SessionMetrics {
  /** WhatsApp's server has acknowledged a message of ours, so long after it was asked for. */
  sent(message: { type: string; seconds: number }): void;
  /** Its recipient's device has it, so long after the acknowledgement. */
  delivered(message: { seconds: number }): void;
  failed(message: { type: string; code: string }): void;
  received(message: { type: string }): void;
  /** @param close by its name in the close policies */
  connection(change: { opened: true } | { opened: false; close: string }): void;
}

export const UNCOUNTED: SessionMetrics = {
  sent: () => undefined,
  delivered: () => undefined,
  failed: () => undefined,
  received: () => undefined,
  connection: () => undefined,
};

/** Reports that wait for the control plane. */
export interface WaitingReports {
  count: number;
  /** Since the oldest of them began to wait; 0 where none does. */
  oldestMs: number;
}
