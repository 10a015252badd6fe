import pino from 'pino';
import { expect, test } from 'vitest';
import type { DeliveryOutcome, QueuedReport, Report } from '../../../../worker/report.ts';
import { ReportQueue } from '../../../../worker/sessions/reporting/report-queue.ts';
import { SessionReports } from '../../../../worker/sessions/reporting/session-reports.ts';

const log = pino({ level: 'silent' });

/** A queue whose deliveries the test answers one by one. */
function start() {
  const attempts: { report: Report; answer: (outcome: DeliveryOutcome) => void }[] = [];
  const waiting: (() => void)[] = [];
  const journal = new Map<string, QueuedReport>();
  let stale = 0;
  const outbox = {
    append: (report: QueuedReport) => void journal.set(report.id, report),
    pending: () => [...journal.values()],
    settle: (ids: readonly string[]) => ids.forEach((id) => void journal.delete(id)),
    whenSafe: async () => undefined,
  };
  const queue = new ReportQueue({
    log,
    outbox: () => outbox,
    onStale: () => {
      stale += 1;
    },
    sink: {
      deliver: (report) =>
        new Promise((resolve) => {
          attempts.push({ report, answer: resolve });
          for (const wake of waiting.splice(0)) wake();
        }),
    },
  });
  const attempt = async (at: number) => {
    for (let found = attempts[at]; ; found = attempts[at]) {
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  };
  return { queue, attempts, attempt, journal, stale: () => stale };
}

const reports = new SessionReports('s', 1);
const status = (messageId: string) => reports.outcome({ messageId, status: 'sent' });

test('delivers in order, one at a time, and keeps each in the journal until it is accepted', async () => {
  const { queue, attempts, attempt, journal } = start();
  const [first, second] = [status('A'), status('B')];
  queue.push(first);
  queue.push(second);
  expect(attempts.map(({ report }) => report.body.id)).toEqual([first.id]);
  expect([...journal.keys()]).toEqual([first.id, second.id]);
  (await attempt(0)).answer('accepted');
  expect((await attempt(1)).report.body.id).toBe(second.id);
  expect([...journal.keys()]).toEqual([second.id]);
  attempts[1]?.answer('rejected');
  await queue.drain(1_000);
  expect([...journal.keys()]).toEqual([]);
});

test('tries the same report again, with the same id, before any other', async () => {
  const { queue, attempt } = start();
  const first = status('A');
  queue.push(first);
  queue.push(status('B'));
  (await attempt(0)).answer('retry');
  const again = await attempt(1);
  expect(again.report).toEqual(first.report);
  again.answer('accepted');
  expect((await attempt(2)).report.body).toMatchObject({ messageId: 'B' });
});

test('a QR leaves at once, is not journaled, and replaces one that still waits', async () => {
  const { queue, attempts, attempt, journal } = start();
  const qr = (text: string) =>
    reports.status({
      status: 'qr_required',
      phoneNumber: null,
      qr: { code: 'data:', text, expiresAt: new Date(0) },
    });
  queue.enqueue(qr('one'), 'qr');
  expect(attempts).toHaveLength(1);
  queue.enqueue(qr('two'), 'qr');
  queue.enqueue(qr('three'), 'qr');
  (await attempt(0)).answer('accepted');
  const next = await attempt(1);
  expect(next.report.body).toMatchObject({ qrString: 'three' });
  next.answer('accepted');
  await queue.drain(1_000);
  expect(attempts).toHaveLength(2);
  expect(journal.size).toBe(0);
});

test('a newer QR does not wait for the back-off of the one before', async () => {
  const { queue, attempt } = start();
  queue.push(status('A'));
  // Four failures: the next pause would last seconds.
  for (let failure = 0; failure < 3; failure += 1) (await attempt(failure)).answer('retry');
  queue.enqueue(reports.status({ status: 'qr_required', phoneNumber: null }), 'qr');
  (await attempt(3)).answer('accepted');
  expect((await attempt(4)).report.body).toMatchObject({ status: 'qr_required' });
});

test('an older epoch’s refusal says nothing once the report was written anew', async () => {
  const { queue, attempt, stale } = start();
  queue.push(status('A'));
  const first = await attempt(0);
  const next = new SessionReports('s', 2);
  queue.rewrite((report) => next.adopt(report));
  first.answer('stale');
  const second = await attempt(1);
  expect(second.report.body).toMatchObject({ epoch: 2, id: first.report.body.id });
  expect(stale()).toBe(0);
  second.answer('stale');
  await queue.drain(1_000);
  expect(stale()).toBe(1);
});

test('after stop nothing more is sent, and what is journaled stays', async () => {
  const { queue, attempts, attempt, journal } = start();
  queue.push(status('A'));
  queue.push(status('B'));
  queue.stop();
  (await attempt(0)).answer('accepted');
  await queue.drain(1_000);
  expect(attempts).toHaveLength(1);
  expect(journal.size).toBe(2);
});
