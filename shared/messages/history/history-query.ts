import * as z from 'zod';
import { caseless } from '../../text/slug.ts';
import { GivenMessageStatus, GivenMessageType } from '../schema.ts';
import { DIRECTIONS, HistoryMessage } from './history-record.ts';

/** Deeper pages are reached with `to`, because an offset is counted from the newest message each time. */
const MAX_OFFSET = 100_000;

const wholeNumber = z.coerce.number().int('use a whole number');

/** The query of a message listing, on the tenant API and the worker API alike. */
export const HistoryQuery = z.object({
  limit: wholeNumber.min(1, 'use 1 or more').max(100, 'use at most 100').default(50),
  offset: wholeNumber.min(0, 'use 0 or more').max(MAX_OFFSET, 'narrow with `to` instead').default(0),
  direction: caseless(DIRECTIONS).meta({ id: 'MessageDirection' }).optional(),
  with: z
    .string()
    .min(1)
    .max(128)
    .optional()
    .meta({
      description: 'A chat or a person: a JID, or a phone number with or without +.',
      examples: ['+6281234567890'],
    }),
  type: GivenMessageType.optional(),
  status: GivenMessageStatus.optional(),
  from: z.iso.datetime({ offset: true }).optional().meta({ description: 'The earliest time, included.' }),
  to: z.iso.datetime({ offset: true }).optional().meta({ description: 'The latest time, included.' }),
});
export type HistoryQuery = z.output<typeof HistoryQuery>;

const OffsetPagination = z
  .object({ total: z.number().int(), limit: z.number().int(), offset: z.number().int() })
  .meta({ id: 'OffsetPagination' });

export const HistoryPage = z
  .object({
    messages: z.array(HistoryMessage),
    total: z.number().int(),
    hasMore: z.boolean(),
    pagination: OffsetPagination,
    searchedBackTo: z.iso.datetime().optional().meta({
      description: 'Only where older messages were not looked at any more: go on with this as `to`.',
    }),
  })
  .meta({ id: 'HistoryPage' });
export type HistoryPage = z.infer<typeof HistoryPage>;

const FILTERS = ['direction', 'with', 'type', 'status', 'from', 'to'] as const;

export const isFiltered = (query: HistoryQuery): boolean =>
  FILTERS.some((filter) => query[filter] !== undefined);

const digits = (text: string) => text.split('@')[0]?.split(':')[0]?.replace(/\D/g, '') ?? '';

/** Compiles a filter once, and decides message by message. */
export function createFilter(query: HistoryQuery): (message: HistoryMessage) => boolean {
  const { direction, type, status, with: other } = query;
  const fromMs = query.from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(query.from);
  const toMs = query.to === undefined ? Number.POSITIVE_INFINITY : Date.parse(query.to);
  const number = other === undefined || other.includes('@') ? undefined : digits(other);
  const isWith = ({ chatId, direction: way, from, to }: HistoryMessage) =>
    [chatId, way === 'inbound' ? from : to].some((name) =>
      number === undefined ? name === other : name.endsWith('@s.whatsapp.net') && digits(name) === number,
    );
  return (message) => {
    const at = Date.parse(message.timestamp);
    return (
      (direction === undefined || message.direction === direction) &&
      (type === undefined || message.type === type) &&
      (status === undefined || message.status === status) &&
      at >= fromMs &&
      at <= toMs &&
      (other === undefined || isWith(message))
    );
  };
}
