import { defineRoute, TENANT } from '../../contract/route.ts';
import { SessionParams } from '../../sessions/schema.ts';
import { HistoryPage, HistoryQuery } from './history-query.ts';

export const listMessages = defineRoute({
  id: 'listMessages',
  group: 'messages',
  method: 'GET',
  path: '/api/v1/sessions/{sessionId}/messages',
  callers: TENANT,
  summary: 'What a session has sent and received, the newest first',
  description: [
    'In the order in which the gateway learned of the messages. While a worker runs the session it answers, and knows everything; otherwise the answer comes from storage, where what was sent or received in the last minutes may come a little later.',
    '`total` counts all messages that fit. A call looks at 16 MiB of history at most, or for 8 s. A filtered listing that ends there says in `searchedBackTo` how far it has come, and `total` counts up to there: go on with that time as `to`. Statuses that came more than a month after a message are not looked for where `to` is given.',
    'Edits, revocations and reactions are no messages of their own here: the message that they are about shows its last content (`editedAt`), none (`revokedAt`), or who reacted (`reactions`).',
    'Nothing is taken down while the session’s setting `history` is off.',
  ].join('\n\n'),
  params: SessionParams,
  query: HistoryQuery,
  answer: HistoryPage,
  errors: ['STORAGE_UNAVAILABLE'],
});

export const historyRoutes = [listMessages] as const;
