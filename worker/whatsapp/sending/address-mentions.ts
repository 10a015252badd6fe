import type { AnyMessageContent } from '@whiskeysockets/baileys';
import { readPerson } from '../reading/read-jid.ts';

/**
 * A message whose mentions name people as its chat does. Phones turn `@` and the user part of a mentioned JID into
 * a name, and tell that person, only where the two agree with each other and with the chat's way of addressing:
 * in a group of LIDs a phone number is shown as it is, and nobody is told.
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

/** Numbers may stand with their `+`, as people write them; WhatsApp's own clients leave it out. */
const rename = (text: string, renamed: ReadonlyMap<string, string>) =>
  text.replace(/@\+?(\d+)/g, (found, user: string) => {
    const name = renamed.get(user);
    return name === undefined ? found : `@${name}`;
  });
