import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { downloadMediaMessage } from '@whiskeysockets/baileys';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../sandbox/start-sandbox.ts';
import '../../testing/sandbox/quiet-libsignal.ts';
import type { MediaType } from '../../sandbox/verbs.ts';
import { BaileysClient } from '../../testing/sandbox/baileys-client.ts';

const owner = '628111000001';
const friend = '628222000002';
const waitMs = 60_000;
const sha256 = (data: Buffer) => createHash('sha256').update(data).digest('hex');

describe('media', () => {
  let sandbox: Sandbox;
  let client: BaileysClient;

  beforeAll(async () => {
    sandbox = await startSandbox({ seed: 'media' });
    // What NODE_EXTRA_CA_CERTS does for a client process of its own.
    setDefaultCACertificates([...getCACertificates(), readFileSync(sandbox.caCertPath, 'utf8')]);
    await sandbox.addAccount({ number: owner });
    await sandbox.addContact({ number: friend });
    client = await new BaileysClient(sandbox).link(owner);
  });
  afterAll(async () => {
    await client.close();
    await sandbox.close();
  });

  it('media is served under a certificate that differs from another sandbox’s, so that one client may trust both', async () => {
    const other = await startSandbox({ seed: 'other' });
    const ca = [sandbox, other].map(({ caCertPath }) => readFileSync(caCertPath, 'utf8'));
    const statusOf = async ({ mediaUrl }: Sandbox) => {
      const request = get(`${mediaUrl}/nothing`, { ca, agent: false });
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      response.resume();
      return response.statusCode;
    };
    expect(await Promise.all([sandbox, other].map(statusOf))).toEqual([404, 404]);
    await other.close();
  });

  const data = randomBytes(70_001);
  const contents = {
    image: { image: data, caption: 'a picture', jpegThumbnail: '' },
    document: { document: data, mimetype: 'application/pdf', fileName: 'a.pdf', caption: 'a paper' },
    audio: {
      audio: data,
      mimetype: 'audio/ogg; codecs=opus',
      ptt: true,
      seconds: 1,
      waveform: new Uint8Array(64),
    },
    video: { video: data, caption: 'a film', jpegThumbnail: '' },
  };

  it.each(['image', 'document', 'audio', 'video'] as const)(
    '%s: a contact downloads what the client sent, byte by byte',
    async (type) => {
      const { key } = await client.send(`${friend}@s.whatsapp.net`, contents[type]);
      const { messages } = await sandbox.inbox(friend, { waitMs, id: key.id ?? '' });
      expect(messages).toMatchObject([{ type, media: { sha256: sha256(data), sizeBytes: data.length } }]);
      const caption = 'caption' in contents[type] ? contents[type].caption : null;
      expect(messages[0]?.caption).toBe(caption);
      await client.status(key.id ?? '', 4);
    },
  );

  it.each<MediaType>(['image', 'document', 'audio', 'video', 'sticker'])(
    '%s: the client downloads what a contact sent, byte by byte',
    async (type) => {
      const sent = randomBytes(50_000);
      const { ids } = await sandbox.send(friend, {
        to: owner,
        media: { type, dataBase64: sent.toString('base64'), caption: 'look', filename: 'b.bin' },
      });
      const message = await client.message(ids[0] ?? '');
      const received = await downloadMediaMessage(message, 'buffer', {});
      expect(sha256(received)).toBe(sha256(sent));
    },
  );

  it('media fails at the client when the media host refuses', async () => {
    await sandbox.addFault({ kind: 'media-upload-fails', count: 1, code: 507 });
    await expect(client.send(`${friend}@s.whatsapp.net`, contents.image)).rejects.toThrow(
      'Media upload failed',
    );
  });
});
