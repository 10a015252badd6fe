import * as z from 'zod';
import { defineEvent } from './define-event.ts';
import {
  at,
  EXAMPLE_AT,
  EXAMPLE_PERSON,
  EXAMPLE_SESSION_ID,
  lid,
  offline,
  phoneNumber,
  sessionFields,
} from './event-fields.ts';

const EventPerson = z.object({ phoneNumber, lid }).meta({ id: 'EventPerson' });

/** What may happen to members. */
export const PEOPLE_CHANGES = ['add', 'remove', 'leave', 'promote', 'demote'] as const;

const groupFields = {
  ...sessionFields,
  groupId: z.string().meta({ examples: ['120363012345678901@g.us'] }),
  by: EventPerson.meta({ description: 'Who did it, as far as WhatsApp tells.' }),
  timestamp: at,
};

const GroupUpdatedData = z
  .discriminatedUnion('action', [
    z.object({ ...groupFields, action: z.enum(['create', 'subject']), subject: z.string().nullable() }),
    z.object({ ...groupFields, action: z.literal('description'), description: z.string().nullable() }),
    z.object({
      ...groupFields,
      action: z.literal('announce'),
      announce: z.boolean().meta({ description: 'Only administrators may write.' }),
    }),
    z.object({
      ...groupFields,
      action: z.literal('locked'),
      locked: z.boolean().meta({ description: 'Only administrators may change it.' }),
    }),
    z.object({
      ...groupFields,
      action: z.literal('ephemeral'),
      ephemeralSeconds: z.number().int().meta({ description: '0: messages stay.' }),
    }),
    z.object({ ...groupFields, action: z.enum(PEOPLE_CHANGES), participants: z.array(EventPerson) }),
  ])
  .meta({ id: 'GroupUpdatedData' });

export const groupUpdated = defineEvent({
  type: 'group.updated',
  summary: 'A group was founded or changed; `action` tells how, `by` who did it.',
  data: GroupUpdatedData,
  reports: ['group_updated'],
  example: {
    groupId: '120363012345678901@g.us',
    action: 'subject',
    subject: 'Delivery, west',
    by: { phoneNumber: '+6281200000001', lid: '117309633789394@lid' },
    timestamp: EXAMPLE_AT,
    sessionId: EXAMPLE_SESSION_ID,
  },
});

export const callReceived = defineEvent({
  type: 'call.received',
  summary: 'Somebody calls; the gateway does not answer.',
  data: z
    .object({
      ...sessionFields,
      callId: z.string(),
      from: z.string().meta({ description: 'Their number’s JID where known, else their LID.' }),
      phoneNumber,
      lid,
      isVideo: z.boolean(),
      isGroup: z.boolean(),
      offline,
      timestamp: at,
    })
    .meta({ id: 'CallReceivedData' }),
  reports: ['call_received'],
  example: {
    callId: '766770F3FE40C0813463AC3F6B8B3861',
    from: '6281234567890@s.whatsapp.net',
    ...EXAMPLE_PERSON,
    isVideo: false,
    isGroup: false,
    offline: false,
    timestamp: EXAMPLE_AT,
    sessionId: EXAMPLE_SESSION_ID,
  },
});
