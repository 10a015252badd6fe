import { expect, test } from 'vitest';
import type { SendBody } from '../../../../shared/messages/schema.ts';
import { buildMessage } from '../../../../worker/whatsapp/sending/build-message.ts';

const bytes = Buffer.from('file');
const fetched = {
  content: bytes,
  mimetype: 'application/pdf',
  filename: 'from-url.pdf',
  preview: { jpegThumbnail: null },
};
const body = (rest: Partial<SendBody>): SendBody => ({ to: '62812@s.whatsapp.net', type: 'text', ...rest });
const url = 'https://example.com/file';

test('a text goes as it is, and no preview is fetched for links in it', () => {
  const built = buildMessage(body({ message: 'See https://10.0.0.1/' }), undefined);
  expect(built).toEqual({ text: 'See https://10.0.0.1/', linkPreview: null });
});

test('whoever may choose more options of a poll than there are may choose them all', () => {
  const poll = { question: 'Lunch?', options: ['Soto', 'Rendang'], selectableCount: 9 };
  expect(buildMessage(body({ type: 'poll', poll }), undefined)).toMatchObject({
    poll: { selectableCount: 2 },
  });
});

test.each([
  ['at the top', { caption: 'Hi', media: { url, caption: 'no' }, message: 'no' }],
  ['in media', { media: { url, caption: 'Hi' }, message: 'no' }],
  ['in message', { media: { url }, message: 'Hi' }],
])('a caption may stand %s', (_where, rest) => {
  const image = { ...fetched, mimetype: 'image/png' };
  expect(buildMessage(body({ type: 'image', ...rest }), image)).toMatchObject({ caption: 'Hi' });
  expect(buildMessage(body({ type: 'document', ...rest }), fetched)).toMatchObject({ caption: 'Hi' });
});

test.each([
  [{ filename: 'a.pdf', media: { url, filename: 'b.pdf' } }, 'a.pdf'],
  [{ media: { url, filename: 'b.pdf' } }, 'b.pdf'],
  [{ media: { url } }, 'from-url.pdf'],
])('a document has the name the caller gives, else the URL’s', (rest, fileName) => {
  expect(buildMessage(body({ type: 'document', ...rest }), fetched)).toMatchObject({ fileName });
});

test('a voice note is Opus in Ogg, whatever its server says', () => {
  const audio = { ...fetched, mimetype: 'audio/mpeg' };
  expect(buildMessage(body({ type: 'audio', media: { url }, ptt: true }), audio)).toMatchObject({
    ptt: true,
    mimetype: 'audio/ogg; codecs=opus',
  });
  expect(buildMessage(body({ type: 'audio', media: { url } }), audio)).toMatchObject({
    mimetype: 'audio/mpeg',
  });
});

test('media of another kind than the type is refused, an unknown kind is taken as the type', () => {
  expect(() => buildMessage(body({ type: 'image', media: { url } }), fetched)).toThrow(/application\/pdf/);
  const unknown = { ...fetched, mimetype: 'application/octet-stream' };
  expect(buildMessage(body({ type: 'video', media: { url } }), unknown)).toMatchObject({
    mimetype: 'video/mp4',
  });
});
