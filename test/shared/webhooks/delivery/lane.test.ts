import { describe, expect, it } from 'vitest';
import {
  HANDED_OVER_MS,
  LANE_NOTICE_MS,
  laneOf,
  MAX_DRAIN_MS,
  SLOW_AT_A_TIME,
  slowGroup,
  slowGroups,
} from '../../../../shared/webhooks/delivery/lane.ts';
import { newWebhookId } from '../../../../shared/webhooks/webhook-item.ts';

const FROM = Date.parse('2026-11-21T10:00:00.000Z');
const UNTIL = FROM + 600_000;
const at = (time: number) => new Date(time).toISOString();
const slow = { slowFrom: at(FROM), slowUntil: at(UNTIL) };

describe('the lane of a webhook', () => {
  it('is the quick one where nothing was ever slow', () => {
    expect(laneOf({}, FROM)).toEqual({ lane: 'quick' });
  });

  it('changes at a time that every process knows before: until then nothing is attempted', () => {
    const between = { lane: 'neither', untilMs: FROM, drains: false };
    expect(laneOf(slow, FROM - LANE_NOTICE_MS)).toEqual(between);
    expect(laneOf(slow, FROM - 1)).toEqual(between);
    expect(laneOf(slow, FROM)).toEqual({ lane: 'slow' });
    expect(laneOf(slow, UNTIL - 1)).toEqual({ lane: 'slow' });
  });

  it('is the quick one again once every group of the slow one has nothing of it any more', () => {
    const handedOverAt = UNTIL + HANDED_OVER_MS;
    expect(laneOf(slow, UNTIL)).toEqual({ lane: 'neither', untilMs: handedOverAt, drains: false });
    const drains = { lane: 'neither', untilMs: handedOverAt, drains: true };
    const groups = slowGroups({ userId: 'u', webhookId: newWebhookId('00') });
    expect(laneOf(slow, handedOverAt)).toEqual(drains);
    expect(laneOf({ ...slow, slowDrained: new Set(groups.slice(1)) }, handedOverAt)).toEqual(drains);
    expect(laneOf({ ...slow, slowDrained: new Set(groups) }, handedOverAt)).toEqual({ lane: 'quick' });
  });

  it('is the quick one again after hours, whatever the slow one has', () => {
    expect(laneOf(slow, UNTIL + MAX_DRAIN_MS)).toEqual({ lane: 'quick' });
  });
});

describe('the groups of the slow lane', () => {
  const sessions = Array.from({ length: 500 }, (_, index) => `tenant-${index}`);
  const groupsOf = (webhookIds: string[], kind: 'first' | 'later' = 'first') =>
    new Set(
      webhookIds.flatMap((webhookId) =>
        sessions.map((session) => slowGroup({ userId: 'u', webhookId }, kind, session)),
      ),
    );
  const webhook = (place: number) => newWebhookId(String(place).padStart(2, '0'));

  it('bound what an endpoint has open at a time, however many sessions it listens to', () => {
    expect(groupsOf([webhook(0)]).size).toBe(SLOW_AT_A_TIME.perEndpoint);
    expect(groupsOf([webhook(0)], 'later').size).toBe(SLOW_AT_A_TIME.perEndpoint / 2);
  });

  it('bound what a tenant has open at a time, however many webhooks it has', () => {
    const all = Array.from({ length: 20 }, (_, place) => webhook(place));
    expect(groupsOf(all).size).toBe(SLOW_AT_A_TIME.perTenant);
    expect(groupsOf(all, 'later').size).toBe(SLOW_AT_A_TIME.perTenant / 2);
  });

  it('are no others’: of two tenants, and of a tenant’s first four webhooks', () => {
    const own = [0, 1, 2, 3].map((place) => groupsOf([webhook(place)]));
    expect(new Set(own.flatMap((groups) => [...groups])).size).toBe(4 * SLOW_AT_A_TIME.perEndpoint);
    const theirs = slowGroup({ userId: 'other', webhookId: webhook(0) }, 'first', 'tenant-0');
    expect(groupsOf([webhook(0)])).not.toContain(theirs);
  });

  it('keep a session in one', () => {
    const id = webhook(3);
    const groups = Array.from({ length: 3 }, () => slowGroup({ userId: 'u', webhookId: id }, 'first', 's1'));
    expect(new Set(groups).size).toBe(1);
  });
});
