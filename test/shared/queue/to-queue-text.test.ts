import { expect, it } from 'vitest';
import { toQueueText } from '../../../shared/queue/queue.ts';

/** As SQS documents it, without the supplementary planes, which some emulators refuse. */
const TAKEN = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd]*$/;

it.each(['👍🏽 thanks', 'é ü 日本', '\u0000\uffff\ufffe', '\ud83d alone', 'plain'])(
  'gives %j to a queue in characters that it takes, and back as it was',
  (text) => {
    const body = toQueueText(JSON.stringify({ text }));
    expect(body).toMatch(TAKEN);
    expect(JSON.parse(body)).toEqual({ text });
  },
);
