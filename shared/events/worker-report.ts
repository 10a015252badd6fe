import type { DataOf, EventDeclaration } from './define-event.ts';
import { DECLARATIONS, type DeclaredEvent } from './registry.ts';

/** The reports that have callbacks of their own. */
const STATUS_REPORTS: ReadonlySet<string> = new Set(['session-status', 'message-status']);
type StatusReport = 'session-status' | 'message-status';

/** What a worker's event may be called that tenants are told of. */
export type ReportedName = Exclude<DeclaredEvent['reports'][number], StatusReport>;
export const REPORTED_EVENTS = DECLARATIONS.flatMap(({ reports }) => reports).filter(
  (name): name is ReportedName => !STATUS_REPORTS.has(name),
);

/** Without these fields, form by form. */
export type OmitEach<D, K extends PropertyKey> = D extends unknown ? Omit<D, K> : never;
type ReportedBy<N, E = DeclaredEvent> = E extends EventDeclaration
  ? N extends E['reports'][number]
    ? E
    : never
  : never;
type OneReport<N> = N extends ReportedName
  ? { event: N; data: OmitEach<DataOf<ReportedBy<N>>, 'sessionId' | 'truncated'> }
  : never;

/**
 * What our own worker reports beside the two kinds of status, each with the data of the event that it becomes: which
 * session it is of stands beside the data, and what is cut is cut further on.
 */
export type ReportedEvent = OneReport<ReportedName>;
export type ReportedData<N extends ReportedName> = Extract<ReportedEvent, { event: N }>['data'];
