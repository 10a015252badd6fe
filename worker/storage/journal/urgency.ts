/**
 * How soon a change must be durable. `binding`: before the next frame leaves. `received`: likewise, but what
 * follows is a receipt, which may wait a moment for more of its kind. `soon`: within a second, though no frame
 * waits for it, unless it has been taken back by then. `idle`: with whatever is written next, or within a minute;
 * losing it repeats work only.
 */
export type Urgency = 'binding' | 'received' | 'soon' | 'idle';

/** Whether frames wait for a change. */
export const holdsFrames = (urgency: Urgency): urgency is 'binding' | 'received' =>
  urgency === 'binding' || urgency === 'received';
