import * as z from 'zod';
import { Pagination, SOME_FIELD } from '../contract/paging.ts';
import { PERSON_PATTERN, Recipient } from '../messages/recipient.ts';
import { PhoneNumber, SessionParams } from '../sessions/schema.ts';
import { caseless } from '../text/slug.ts';
import { nameOf, prose } from '../text/text.ts';

const MAX_CHECKED = 100;
/** WhatsApp accepts more at once, but adds hundreds of strangers for nobody. */
const MAX_PARTICIPANTS = 256;
const MAX_SUBJECT = 100;
const MAX_DESCRIPTION = 2048;

const phoneNumber = z
  .string()
  .nullable()
  .meta({
    description: 'E.164 with `+`; null while WhatsApp keeps it hidden.',
    examples: ['+6281234567890'],
  });
const lid = z
  .string()
  .nullable()
  .meta({ examples: ['123456789012345@lid'] });

/** A person this session knows: from a message, a chat list, or the phone's contacts. */
export const Contact = z
  .object({
    contactId: z.string().meta({
      description: 'A JID to send to: by phone number where it is known, else the LID.',
      examples: ['6281234567890@s.whatsapp.net'],
    }),
    phoneNumber,
    lid,
    name: z.string().nullable().meta({ description: 'As the phone’s address book has it.' }),
    pushName: z.string().nullable().meta({ description: 'As the person calls themselves.' }),
  })
  .meta({ id: 'Contact' });
export type Contact = z.infer<typeof Contact>;

export const ContactPage = z
  .object({ contacts: z.array(Contact), pagination: Pagination })
  .meta({ id: 'ContactPage' });
export type ContactPage = z.infer<typeof ContactPage>;

export const CheckNumbers = z
  .object({
    phoneNumbers: z.array(PhoneNumber).min(1).max(MAX_CHECKED, `check at most ${MAX_CHECKED} at once`),
  })
  .meta({ id: 'CheckNumbers', examples: [{ phoneNumbers: ['6281234567890', '+62 812-0000-0000'] }] });

export const NumberCheck = z
  .object({
    phoneNumber: z.string().meta({ examples: ['+6281234567890'] }),
    exists: z.boolean(),
    contactId: z
      .string()
      .nullable()
      .meta({ examples: ['6281234567890@s.whatsapp.net'] }),
    lid,
  })
  .meta({ id: 'NumberCheck' });
export type NumberCheck = z.infer<typeof NumberCheck>;
export const NumberChecks = z.object({ results: z.array(NumberCheck) }).meta({ id: 'NumberChecks' });

const GROUP_ID = /^([0-9]{5,32}(?:-[0-9]{5,32})?)(?:@g\.us)?$/;
/** A group's JID, or its part before the `@`; parses to the JID. */
const GroupId = z
  .string()
  .max(128)
  .transform((text, context) => {
    const [, id] = GROUP_ID.exec(text) ?? [];
    if (id !== undefined) return `${id}@g.us`;
    context.addIssue({ code: 'custom', message: 'use a group’s id such as 120363012345678901@g.us' });
    return z.NEVER;
  })
  .meta({ pattern: GROUP_ID.source, examples: ['120363012345678901@g.us'] });
export const GroupParams = SessionParams.extend({ groupId: GroupId });

export const GroupRole = z.enum(['member', 'admin', 'owner']).meta({ id: 'GroupRole' });
export const Participant = z
  .object({
    participantId: z.string().meta({ examples: ['6281234567890@s.whatsapp.net'] }),
    phoneNumber,
    lid,
    role: GroupRole,
  })
  .meta({ id: 'Participant' });
export type Participant = z.infer<typeof Participant>;

export const GroupSummary = z
  .object({
    groupId: z.string().meta({ examples: ['120363012345678901@g.us'] }),
    subject: z.string(),
    description: z.string().nullable(),
    createdAt: z.iso.datetime().nullable(),
    size: z.number().int(),
    announce: z.boolean().meta({ description: 'Only admins may send.' }),
    locked: z.boolean().meta({ description: 'Only admins may change subject, picture and description.' }),
    role: GroupRole.meta({ description: 'Of this session’s own account.' }),
  })
  .meta({ id: 'GroupSummary' });
export type GroupSummary = z.infer<typeof GroupSummary>;
export const Group = GroupSummary.extend({ participants: z.array(Participant) }).meta({ id: 'Group' });
export type Group = z.infer<typeof Group>;
export const GroupPage = z
  .object({ groups: z.array(GroupSummary), pagination: Pagination })
  .meta({ id: 'GroupPage' });
export type GroupPage = z.infer<typeof GroupPage>;

const Subject = nameOf(MAX_SUBJECT);
const Description = prose().max(MAX_DESCRIPTION);
const People = z
  .array(Recipient.meta({ pattern: PERSON_PATTERN, examples: ['6281234567890'] }))
  .min(1)
  .max(MAX_PARTICIPANTS)
  .refine(
    (jids) => jids.every((jid) => /@(s\.whatsapp\.net|lid)$/.test(jid)),
    'use phone numbers or JIDs of people',
  );

export const CreateGroup = z
  .object({ subject: Subject, participants: People, description: Description.optional() })
  .meta({ id: 'CreateGroup', examples: [{ subject: 'Delivery team', participants: ['6281234567890'] }] });
export type CreateGroup = z.infer<typeof CreateGroup>;

export const UpdateGroup = z
  .object({
    subject: Subject.optional(),
    description: Description.optional().meta({ description: 'Empty removes it.' }),
    announce: z.boolean().optional(),
    locked: z.boolean().optional(),
  })
  .refine((change) => Object.values(change).some((value) => value !== undefined), 'name at least one change')
  .meta({
    id: 'UpdateGroup',
    ...SOME_FIELD,
    examples: [{ subject: 'Delivery team, west', announce: true }],
  });
export type UpdateGroup = z.infer<typeof UpdateGroup>;

export const ChangeParticipants = z
  .object({
    action: caseless(['add', 'remove', 'promote', 'demote']).meta({ id: 'ParticipantAction' }),
    participants: People,
  })
  .meta({ id: 'ChangeParticipants', examples: [{ action: 'add', participants: ['6281234567890'] }] });
export type ChangeParticipants = z.infer<typeof ChangeParticipants>;

export const ParticipantResult = z
  .object({
    participantId: z.string().meta({
      description: 'As it was asked for, as a JID.',
      examples: ['6281234567890@s.whatsapp.net'],
    }),
    done: z.boolean(),
    code: z
      .string()
      .optional()
      .meta({ description: 'WhatsApp’s own, where it was not done.', examples: ['403'] }),
    error: z.string().optional(),
  })
  .meta({ id: 'ParticipantResult' });
export type ParticipantResult = z.infer<typeof ParticipantResult>;
export const ParticipantResults = z
  .object({
    groupId: z.string(),
    results: z.array(ParticipantResult),
  })
  .meta({ id: 'ParticipantResults' });

const OWN_STATES = ['available', 'unavailable'] as const;
const CHAT_STATES = ['typing', 'recording', 'paused'] as const;
export const PRESENCES = [...OWN_STATES, ...CHAT_STATES] as const;
const isInChat = (presence: string) => (CHAT_STATES as readonly string[]).includes(presence);

const OwnPresence = z
  .object({
    presence: caseless(OWN_STATES).meta({ id: 'OwnPresenceState' }),
    to: Recipient.optional(),
  })
  .meta({ id: 'OwnPresence' });
const ChatPresence = z
  .object({
    presence: caseless(CHAT_STATES).meta({ id: 'ChatPresenceState' }),
    to: Recipient.meta({ description: 'The chat in which it is shown.' }),
  })
  .meta({ id: 'ChatPresence' });

export const SetPresence = z
  .object({ presence: caseless(PRESENCES), to: Recipient.optional() })
  .superRefine(({ presence, to }, context) => {
    if (to === undefined && isInChat(presence))
      context.addIssue({ code: 'custom', path: ['to'], message: `${presence} is shown in a chat: name it` });
  })
  .meta({
    documentedAs: z.union([OwnPresence, ChatPresence]).meta({
      id: 'SetPresence',
      examples: [{ presence: 'typing', to: '6281234567890' }],
    }),
  });
export type SetPresence = z.infer<typeof SetPresence>;
export const PresenceAnswer = z
  .object({ presence: z.enum(PRESENCES).meta({ id: 'Presence' }), to: z.string().nullable() })
  .meta({ id: 'PresenceAnswer' });

export const ReadAnswer = z.object({ messageId: z.string(), to: z.string() }).meta({ id: 'ReadAnswer' });
