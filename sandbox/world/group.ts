import type { Addressing } from '../wire/jid.ts';

export type Group = {
  /** The whole JID. */
  id: string;
  subject: string;
  subjectAt: number;
  creator: string;
  createdAt: number;
  addressing: Addressing;
  description: { id: string; text: string; by: string; at: number } | null;
  announce: boolean;
  locked: boolean;
  ephemeralSeconds: number;
  inviteCode: string;
  /** By number. */
  participants: Map<string, { admin: 'superadmin' | 'admin' | null }>;
};

/** A newsletter, as the protocol calls it. */
export type Channel = {
  /** The whole JID. */
  id: string;
  name: string;
  /** By number. */
  followers: Set<string>;
  posts: number;
};
