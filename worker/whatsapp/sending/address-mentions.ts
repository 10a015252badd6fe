import type { AnyMessageContent } from '@whiskeysockets/baileys';
import { readPerson } from '../reading/read-jid.ts';

/**
 * Rewrites a message's mentions in the chat's way of addressing. Phones turn `@` and the user part of a
 * mentioned JID into a name, and notify that person, only where the two agree with each other and with the
 * chat: in a group of LIDs a phone number is shown as it is, and nobody is notified.
 * @param nameIn a person's JID as the chat has it; as given where it has none
 */
export async function addressMentions(
  content: AnyMessageContent,
  nameIn: (jid: string) => Promise<string>,
): Promise<AnyMessageContent> {
  if (!('mentions' in content) || content.mentions === undefined) return content;
  const renamed = new Map<string, string>();
  const mentions: string[] = [];
  for (const given of content.mentions) {
    const name = await nameIn(given);
    mentions.push(name);
    renamed.set(userOf(given), userOf(name));
  }
  return {
    ...content,
    mentions: [...new Set(mentions)],
    ...('text' in content ? { text: rename(content.text, renamed) } : {}),
    ...('caption' in content && content.caption ? { caption: rename(content.caption, renamed) } : {}),
  };
}

const userOf = (jid: string) => {
  const { pn, lid } = readPerson(jid);
  return (pn ?? lid ?? jid).replace(/@.*$/, '');
};

/** Numbers may be written with their `+`; WhatsApp's own clients leave it out. */
const rename = (text: string, renamed: ReadonlyMap<string, string>) =>
  text.replace(/@\+?(\d+)/g, (found, user: string) => {
    const name = renamed.get(user);
    return name === undefined ? found : `@${name}`;
  });
