import { expect, test } from 'vitest';
import { ENDINGS } from '../../../../worker/sessions/connection/connection-facts.ts';
import {
  type AfterClose,
  afterClose,
  type VersionStanding,
} from '../../../../worker/sessions/registry/after-close.ts';
import type { CloseAction } from '../../../../worker/whatsapp/socket/close-policy.ts';

const VERSIONS: readonly VersionStanding[] = [
  { canRefresh: true, refreshed: false },
  { canRefresh: true, refreshed: true },
  { canRefresh: false, refreshed: false },
  { canRefresh: false, refreshed: true },
];

const BY_ACTION: readonly (readonly [CloseAction, AfterClose])[] = [
  [{ do: 'restart' }, { do: 'open' }],
  [{ do: 'reconnect' }, { do: 'retry', refresh: false }],
  [{ do: 'logged-out' }, { do: 'log-out' }],
  [{ do: 'ask-owner' }, { do: 'ask-owner' }],
  [{ do: 'qr-expired' }, { do: 'end', fact: ENDINGS.qrExpired }],
  [
    { do: 'stop', errorCode: 'ACCOUNT_LOCKED', sentence: 'It is locked.' },
    { do: 'end', fact: { fact: 'failed', error: 'It is locked.', errorCode: 'ACCOUNT_LOCKED' } },
  ],
];

test.each(BY_ACTION)('%j has one consequence, whatever the version', (action, next) => {
  expect(VERSIONS.map((version) => afterClose(action, version))).toEqual(VERSIONS.map(() => next));
});

test('a refused version is asked for anew once between two logins; where that changes nothing, it ends', () => {
  expect(VERSIONS.map((version) => afterClose({ do: 'refresh-version' }, version))).toEqual([
    { do: 'retry', refresh: true },
    ...VERSIONS.slice(1).map(() => ({ do: 'end', fact: ENDINGS.versionOutdated })),
  ]);
});
