import * as z from 'zod';
import { ShownTier } from '../accounts/schema.ts';
import { defineRoute } from '../contract/route.ts';
import { Slug } from '../text/slug.ts';

const MAX_DAYS = 92;

/** Whole days in UTC, both ends included; the last 30 by default. */
export const DayRange = z
  .object({ from: z.iso.date().optional(), to: z.iso.date().optional(), sessionId: Slug.optional() })
  .refine(({ from, to }) => !from || !to || from <= to, {
    path: ['from'],
    message: 'from must not be after to',
  })
  .refine(({ from, to }) => !from || !to || Date.parse(to) - Date.parse(from) < MAX_DAYS * 86_400_000, {
    path: ['from'],
    message: `ask for at most ${MAX_DAYS} days`,
  });

const DayCount = z
  .object({ day: z.iso.date(), sent: z.number().int(), received: z.number().int() })
  .meta({ id: 'DayCount' });
const counts = z.record(z.string(), z.number().int());

export const getUsage = defineRoute({
  id: 'getUsage',
  group: 'users',
  method: 'GET',
  path: '/api/v1/users/usage',
  callers: ['user'],
  summary: 'Sessions used of the tier’s limit, messages by day',
  answer: z.object({
    tier: ShownTier,
    sessions: z.object({ used: z.number().int(), limit: z.number().int() }),
    messages: z.object({ sent: z.number().int(), received: z.number().int(), byDay: z.array(DayCount) }),
  }),
});

export const getMessageAnalytics = defineRoute({
  id: 'getMessageAnalytics',
  group: 'analytics',
  method: 'GET',
  path: '/api/v1/analytics/messages',
  callers: ['user'],
  summary: 'Messages by day, direction, session, type and status',
  query: DayRange,
  answer: z.object({
    from: z.iso.date(),
    to: z.iso.date(),
    totals: z.object({ sent: z.number().int(), received: z.number().int() }),
    byDay: z.array(DayCount),
    bySession: z.array(
      z.object({ sessionId: z.string(), sent: z.number().int(), received: z.number().int() }),
    ),
    byType: counts,
    byStatus: counts,
  }),
});

export const getSessionAnalytics = defineRoute({
  id: 'getSessionAnalytics',
  group: 'analytics',
  method: 'GET',
  path: '/api/v1/analytics/sessions',
  callers: ['user'],
  summary: 'How long each session was connected, by day',
  query: DayRange,
  answer: z.object({
    from: z.iso.date(),
    to: z.iso.date(),
    sessions: z.array(
      z.object({
        sessionId: z.string(),
        connectedSeconds: z.number().int(),
        connects: z.number().int(),
        byDay: z.array(z.object({ day: z.iso.date(), connectedSeconds: z.number().int() })),
      }),
    ),
  }),
});

export const usageRoutes = [getUsage, getMessageAnalytics, getSessionAnalytics] as const;
