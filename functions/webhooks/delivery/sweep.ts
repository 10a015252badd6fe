import type { DeliveryItem } from '../../../shared/webhooks/delivery/delivery-item.ts';
import { RETRY_PARTITIONS } from '../../../shared/webhooks/delivery/delivery-item.ts';
import type { DueDelivery } from '../../../shared/webhooks/delivery/delivery-store.ts';
import type { DeliveryDeps } from './delivery-deps.ts';
import { laterMessage } from './delivery-message.ts';

export interface SweepResult {
  queued: number;
  /** How long the most overdue delivery had been due, in seconds. */
  oldestDueS: number;
  noticesSent: number;
}

const PAGE = 100;
const MAX_PAGES = 20;
const PARALLEL_CLAIMS = 8;
const MAX_NOTICES = 50;
/**
 * A claim ends after this time where nobody has settled the delivery: longer than the queue takes to hand a
 * message over again after its consumer died.
 */
export const CLAIM_MS = 15 * 60_000;

/**
 * Claims first, then enqueues: a delivery that is claimed but never reaches the queue is due again when the
 * claim ends.
 */
async function queueDue(deps: DeliveryDeps, due: readonly DueDelivery[]): Promise<number> {
  const { deliveries } = deps.stores;
  const dueAt = new Date(deps.now() + CLAIM_MS).toISOString();
  let queued = 0;
  for (let start = 0; start < due.length; start += PARALLEL_CLAIMS) {
    const some = due.slice(start, start + PARALLEL_CLAIMS);
    const claimed = (await Promise.all(some.map(({ key }) => deliveries.claim(key, dueAt)))).filter(
      (item): item is DeliveryItem => item !== undefined,
    );
    if (claimed.length > 0)
      await deps.queues.deliveries.send(claimed.map((item) => laterMessage(item, dueAt)));
    queued += claimed.length;
  }
  return queued;
}

async function sweepShard(deps: DeliveryDeps, partition: string) {
  let queued = 0;
  let oldest = deps.now();
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const until = new Date(deps.now()).toISOString();
    const due = await deps.stores.deliveries.listDue(partition, until, PAGE);
    for (const { dueAt } of due) oldest = Math.min(oldest, Date.parse(dueAt));
    const moved = await queueDue(deps, due);
    queued += moved;
    // The index lags: where nothing of a page could be claimed, another sweep took it a moment ago.
    if (due.length < PAGE || moved === 0) break;
  }
  return { queued, oldestDueMs: deps.now() - oldest };
}

/** Tells owners that a webhook was switched off, at least once each. */
async function sendNotices(deps: DeliveryDeps): Promise<number> {
  const owed = await deps.stores.webhooks.listNotices(MAX_NOTICES);
  let sent = 0;
  for (const webhook of owed) {
    try {
      const to = await deps.emailOf(webhook.userId);
      if (to !== undefined) await deps.sendMail({ to, ...noticeOf(webhook) });
      await deps.stores.webhooks.settleNotice(webhook);
      sent += 1;
    } catch (error) {
      deps.log.error({ err: error, webhookId: webhook.webhookId }, 'a notice could not be sent');
    }
  }
  return sent;
}

function noticeOf({
  url,
  webhookId,
  disabledReason,
}: {
  url: string;
  webhookId: string;
  disabledReason: string | null;
}) {
  return {
    subject: 'A webhook of yours was switched off',
    text: [
      `The webhook ${webhookId} (${new URL(url).host}) was switched off. ${disabledReason ?? ''}`.trim(),
      'What had failed by then is kept for 14 days; events that happen while it is off are not. Once the endpoint',
      'works again, switch the webhook on with',
      `PUT /api/v1/webhooks/${webhookId} and { "active": true }, then replay what failed.`,
    ].join('\n'),
  };
}

/** Enqueues again what is due. It may run as often as needed and may overlap itself. */
export async function sweepDeliveries(deps: DeliveryDeps): Promise<SweepResult> {
  const shards = await Promise.all(RETRY_PARTITIONS.map((partition) => sweepShard(deps, partition)));
  const noticesSent = await sendNotices(deps);
  return {
    queued: shards.reduce((sum, { queued }) => sum + queued, 0),
    oldestDueS: Math.max(...shards.map(({ oldestDueMs }) => oldestDueMs)) / 1_000,
    noticesSent,
  };
}
