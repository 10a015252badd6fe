import { fromCursor, paginationOf, takePage } from '../../shared/contract/cursor.ts';
import type { PageQuery } from '../../shared/contract/paging.ts';
import type {
  ChangeParticipants,
  ContactPage,
  CreateGroup,
  Group,
  GroupPage,
  NumberCheck,
  ParticipantResult,
  SetPresence,
  UpdateGroup,
} from '../../shared/conversations/schema.ts';
import type { ChatVerbs } from '../whatsapp/sending/chat-verbs.ts';
import type { SendPath } from './sending/message-sender.ts';

/** What a session knows of people and groups, and its actions in chats other than sending. */
export class Conversations {
  readonly #sendPath: () => SendPath;

  /** @param sendPath the way to WhatsApp now; throws AppError where there is none */
  constructor(sendPath: () => SendPath) {
    this.#sendPath = sendPath;
  }

  contacts(query: PageQuery): ContactPage {
    const after = fromCursor('contacts', query.cursor) ?? '';
    const { contacts, hasMore } = this.#sendPath().auth.contacts.page(query.limit, after);
    const next = hasMore ? contacts.at(-1)?.contactId : undefined;
    return { contacts, pagination: paginationOf('contacts', query, next) };
  }

  check(digits: readonly string[]): Promise<NumberCheck[]> {
    return this.#chats.check(digits);
  }

  async groups(query: PageQuery): Promise<GroupPage> {
    const after = fromCursor('groups', query.cursor) ?? '';
    const rest = (await this.#chats.groups.list()).filter(({ groupId }) => groupId > after);
    const { page, pagination } = takePage('groups', query, rest, ({ groupId }) => groupId);
    return { groups: page, pagination };
  }

  group(groupId: string): Promise<Group> {
    return this.#chats.groups.get(groupId);
  }

  createGroup(group: CreateGroup): Promise<Group> {
    return this.#chats.groups.create(group);
  }

  updateGroup(groupId: string, change: UpdateGroup): Promise<Group> {
    return this.#chats.groups.update(groupId, change);
  }

  leaveGroup(groupId: string): Promise<void> {
    return this.#chats.groups.leave(groupId);
  }

  changeParticipants(groupId: string, change: ChangeParticipants): Promise<ParticipantResult[]> {
    return this.#chats.groups.change(groupId, change);
  }

  presence(presence: SetPresence): Promise<void> {
    return this.#chats.presence(presence);
  }

  read(message: Parameters<ChatVerbs['read']>[0]): Promise<void> {
    return this.#chats.read(message);
  }

  get #chats(): ChatVerbs {
    return this.#sendPath().socket.chats;
  }
}
