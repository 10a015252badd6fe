import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readHarnessEnv } from '../../testing/harness/env.ts';
import { type Gateway, linkSession, startGateway, type Tenant } from '../../testing/harness/gateway.ts';
import { type FaultProxy, startFaultProxy } from '../../testing/storage/fault-proxy.ts';

const OWN = '6281200000031';
const FRIEND = '6281200000032';

/** Only on this machine can a test stand between a worker and its storage. */
describe.runIf(readHarnessEnv().E2E_TARGET === 'local')(
  'a send whose worker cannot write anything down',
  () => {
    let gateway: Gateway;
    let tenant: Tenant;
    let proxy: FaultProxy;
    let sessionId: string;

    beforeAll(async () => {
      gateway = await startGateway({
        workerStorage: async (endpoint) => {
          proxy = await startFaultProxy(endpoint);
          return proxy.endpoint;
        },
      });
      tenant = await gateway.signUp('ada');
      await gateway.sandbox.addContact({ number: FRIEND });
      ({ sessionId } = await linkSession(gateway, tenant, OWN));
    });
    afterAll(async () => {
      await gateway.close();
      await proxy.close();
    });

    const send = (body: Parameters<Tenant['api']['sendMessage']>[0]['body']) =>
      tenant.api.sendMessage({ params: { sessionId }, body });
    const statusOf = async (messageId: string) =>
      (await tenant.api.getMessage({ params: { sessionId, messageId } })).data.status;

    async function upload(bytes: Uint8Array): Promise<string> {
      const body = { mimetype: 'application/pdf', sizeBytes: bytes.length };
      const { data } = await tenant.api.createMedia({ params: { sessionId }, body });
      await fetch(data.uploadUrl, { method: 'PUT', headers: data.headers, body: bytes });
      return data.mediaId;
    }

    /** From the moment in which the worker looks for this file, its journal hangs; resolves when it does. */
    function hangJournalOnce(mediaId: string): Promise<void> {
      const { promise, resolve } = Promise.withResolvers<void>();
      let isHanded = false;
      proxy.befalls = (path) => {
        isHanded ||= path.includes(mediaId);
        const hangs = isHanded && path.includes(`/${sessionId}/auth/`);
        if (hangs) resolve();
        return hangs;
      };
      proxy.trouble = 'hang';
      return promise;
    }

    it('is pending when the worker is killed, and reaches its recipient once, through the next one', async () => {
      const terms = randomBytes(2_000);
      const mediaId = await upload(terms);
      const hanging = hangJournalOnce(mediaId);
      const answer = send({ to: FRIEND, type: 'document', media: { mediaId } });
      await hanging;
      await gateway.killWorker(0);
      proxy.trouble = undefined;
      const { status, data } = await answer;
      expect([status, data.status]).toEqual([202, 'pending']);

      const { messages } = await gateway.sandbox.inbox(FRIEND, { id: data.messageId, waitMs: 60_000 });
      const sha256 = createHash('sha256').update(terms).digest('hex');
      expect(messages).toMatchObject([{ type: 'document', media: { sha256 } }]);
      await expect.poll(() => statusOf(data.messageId), { timeout: 60_000 }).toMatch(/delivered|read/);
      expect((await gateway.sandbox.counters())[FRIEND]).toMatchObject({
        ...{ messagesDecrypted: 1, decryptionFailures: 0, duplicates: 0 },
      });
    }, 120_000);
  },
);
