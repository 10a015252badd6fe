import type { ServerFrame } from '../../../shared/realtime/schema.ts';
import type { WebhookEventType } from '../../../shared/webhooks/event-types.ts';

const SESSION_ID = 'u4k2-support-line';
const AT = '2026-11-21T10:00:00.000Z';
const OWN = { jid: '6281200000001@s.whatsapp.net', phoneNumber: '+6281200000001' };
const QR = {
  qrString: 'https://wa.me/settings/linked_devices#2@AbC…',
  qrCode: 'data:image/png;base64,iVBORw0KGgo…',
  expiresAt: '2026-11-21T10:00:20.000Z',
};
const SENT = { messageId: '3EB0A1B2C3D4E5F60718', sessionId: SESSION_ID };
const GRACE = {
  from: '6281234567890@s.whatsapp.net',
  phoneNumber: '+6281234567890',
  lid: '144626673907343@lid',
};
/** What every report of something that somebody wrote begins with. */
const BY_GRACE = {
  id: '3A12BBA21C685DF94779',
  chatId: GRACE.lid,
  ...GRACE,
  to: OWN.jid,
  fromMe: false,
  isGroup: false,
  pushName: 'Grace',
  timestamp: AT,
  offline: false,
  sessionId: SESSION_ID,
};

interface Example {
  /** When it is sent, as a sentence. */
  when: string;
  data: Record<string, unknown>;
}

/** The `data` of every webhook event, as it arrives; `test/docs/` holds what really arrives against it. */
export const WEBHOOK_EXAMPLES: Readonly<Record<WebhookEventType, Example>> = {
  'session.qr': {
    when: 'A new QR to scan. It replaces the one before.',
    data: { sessionId: SESSION_ID, status: 'QR_REQUIRED', ...QR },
  },
  'session.status': {
    when: 'The session’s status changed; `error` and `errorCode` say why where something is wrong.',
    data: { sessionId: SESSION_ID, status: 'CONNECTED', phoneNumber: OWN.phoneNumber },
  },
  'message.received': {
    when: 'Somebody wrote. Files come as `media` with a `url` that is good for minutes.',
    data: { ...BY_GRACE, type: 'text', content: 'Thank you' },
  },
  'message.sent': {
    when: 'A new message left through the gateway. Of your own edits, revocations and reactions `message.status` tells, under the id that their call answered; what the account writes on another device comes as the events of others do, with `fromMe`.',
    data: {
      id: SENT.messageId,
      ...SENT,
      to: GRACE.from,
      type: 'text',
      content: 'Hello',
      status: 'sent',
      timestamp: AT,
    },
  },
  'message.status': {
    when: 'A message got further: sent, delivered, read, played.',
    data: { ...SENT, status: 'delivered', to: GRACE.from, timestamp: AT },
  },
  'message.failed': {
    when: 'A message will not arrive.',
    data: {
      ...SENT,
      status: 'failed',
      to: GRACE.from,
      error: 'WhatsApp does not know the recipient.',
      errorCode: '404',
      timestamp: AT,
    },
  },
  'message.reaction': {
    when: 'Somebody reacted to the message `messageId`; an empty `emoji` takes it back.',
    data: { ...BY_GRACE, messageId: SENT.messageId, emoji: '🙏' },
  },
  'message.edited': {
    when: 'Somebody changed the text of `messageId`.',
    data: { ...BY_GRACE, messageId: '3A77A0D1E2F3A4B5C6D7', content: 'Thank you all' },
  },
  'message.revoked': {
    when: 'Somebody deleted `messageId` for everyone.',
    data: { ...BY_GRACE, messageId: '3A77A0D1E2F3A4B5C6D7' },
  },
  'message.undecryptable': {
    when: 'Somebody wrote what cannot be read here: `view_once` is for phones only; `waiting`: it is asked for again, and comes as `message.received` under the same `messageId`; `failed`: it is lost.',
    data: { ...BY_GRACE, messageId: BY_GRACE.id, reason: 'view_once' },
  },
  'poll.vote': {
    when: 'Somebody voted in the poll `messageId`: all that they choose now, none where they took it back, null where the poll is from before the link.',
    data: { ...BY_GRACE, messageId: SENT.messageId, options: ['Rendang'] },
  },
  'event.response': {
    when: 'Somebody answered the event `messageId`: going, not_going or maybe; null where the event is from before the link.',
    data: { ...BY_GRACE, messageId: SENT.messageId, response: 'going', guests: 1 },
  },
  'group.updated': {
    when: 'A group was founded or changed, by whom and how.',
    data: {
      groupId: '120363012345678901@g.us',
      action: 'subject',
      subject: 'Delivery, west',
      by: { phoneNumber: OWN.phoneNumber, lid: '117309633789394@lid' },
      timestamp: AT,
      sessionId: SESSION_ID,
    },
  },
  'call.received': {
    when: 'Somebody calls; the gateway does not answer.',
    data: {
      callId: '766770F3FE40C0813463AC3F6B8B3861',
      ...GRACE,
      isVideo: false,
      isGroup: false,
      offline: false,
      timestamp: AT,
      sessionId: SESSION_ID,
    },
  },
  'webhook.test': {
    when: 'You asked for it (POST …/test). `sessionId` is null.',
    data: { webhookId: 'wh_00c0ffee00c0ffee00c0', message: 'This is a test event.' },
  },
};

/** An event's body, as it is signed. */
export const webhookExample = (type: WebhookEventType) => ({
  id: 'msg_2wp7lqv5z0a633525d6b517ad804e0593',
  type,
  timestamp: AT,
  sessionId: type === 'webhook.test' ? null : SESSION_ID,
  data: WEBHOOK_EXAMPLES[type].data,
});

/** One of every frame that the gateway sends over the WebSocket, and when it does. */
export const FRAME_EXAMPLES: readonly { when: string; frame: ServerFrame }[] = [
  {
    when: 'The answer to subscribe; the current state follows, with the QR if one is live.',
    frame: { event: 'subscribed', data: { sessionId: SESSION_ID }, timestamp: AT },
  },
  {
    when: 'The answer to unsubscribe.',
    frame: { event: 'unsubscribed', data: { sessionId: SESSION_ID }, timestamp: AT },
  },
  { when: 'The answer to ping.', frame: { event: 'pong', data: {}, timestamp: AT } },
  {
    when: 'The answer to a frame that cannot be understood, or names no session of yours.',
    frame: {
      event: 'error',
      data: { code: 'NOT_FOUND', error: 'There is no session with this id.' },
      timestamp: AT,
    },
  },
  {
    when: 'A new QR to show.',
    frame: {
      event: 'qr_code_update',
      id: '42da0f3e.qr',
      data: { sessionId: SESSION_ID, ...QR, status: 'qr_required' },
      timestamp: AT,
    },
  },
  {
    when: 'The session’s status changed.',
    frame: {
      event: 'session_status_update',
      id: '8c1d7a20',
      data: { sessionId: SESSION_ID, status: 'CONNECTED', phoneNumber: OWN.phoneNumber },
      timestamp: AT,
    },
  },
  {
    when: 'Somebody wrote.',
    frame: {
      event: 'message_received',
      id: '8808d110',
      data: { ...BY_GRACE, type: 'text', content: 'Thank you' },
      timestamp: AT,
    },
  },
  {
    when: 'A message got further, or failed.',
    frame: {
      event: 'message_status_update',
      id: '29950df5',
      data: { ...SENT, status: 'delivered' },
      timestamp: AT,
    },
  },
  {
    when: 'A worker’s status changed; administrators only.',
    frame: {
      event: 'worker_status_update',
      id: '7e02b9c4',
      data: { workerId: 'worker-1', status: 'ONLINE' },
      timestamp: AT,
    },
  },
];
