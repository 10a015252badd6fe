import { DEFAULT_PROBE, type ProbeSettings } from '../whatsapp/socket/liveness-probe.ts';
import type { Network } from '../whatsapp/socket/open-socket.ts';
import {
  DEFAULT_RECONNECT,
  DEFAULT_TAKE_BACK,
  type ReconnectPolicy,
  type TakeBackPolicy,
} from './connection/reconnect-delays.ts';

/** Settings of a registry. Times in milliseconds, sizes in bytes. */
export interface RegistrySettings {
  maxSessions: number;
  /** `version`: the pinned one where absent. */
  whatsapp: Network & { version?: 'auto' | [number, number, number] | undefined };
  media: {
    maxBytes: number;
    fetchTimeoutMs: number;
    downloadTimeoutMs: number;
    allowPrivate: boolean;
    /** How long a send waits for room in the budget of files under way. */
    budgetWaitMs: number;
    /** How long a received file does: its message waits with it, and is safe meanwhile. */
    downloadBudgetWaitMs: number;
  };
  /** How long each QR is shown; WhatsApp's own times where absent. */
  qrTtlMs?: number | undefined;
  /** Whether messages from before the link are received too. */
  history: boolean;
  /** How long `connect` waits for the first QR or `connected`. */
  connectAnswerMs: number;
  /** How long `send` waits for WhatsApp's acknowledgement. */
  ackTimeoutMs: number;
  /** How long a login may take, or the first QR. */
  loginTimeoutMs: number;
  /** How long a logout tries to reach WhatsApp. */
  logoutTimeoutMs: number;
  /** How many sessions are restored or released at the same time. */
  concurrency: number;
  probe: ProbeSettings;
  reconnect: ReconnectPolicy;
  /** After WhatsApp's 440. */
  takeBack: TakeBackPolicy;
}

export type SettingsInput = Partial<Omit<RegistrySettings, 'media'>> & {
  maxSessions: number;
  media?: Partial<RegistrySettings['media']>;
};

const MEBIBYTE = 1_048_576;

export function completeSettings({ media, ...given }: SettingsInput): RegistrySettings {
  return {
    whatsapp: {},
    history: false,
    connectAnswerMs: 3_000,
    ackTimeoutMs: 20_000,
    loginTimeoutMs: 60_000,
    logoutTimeoutMs: 15_000,
    concurrency: 4,
    probe: DEFAULT_PROBE,
    reconnect: DEFAULT_RECONNECT,
    takeBack: DEFAULT_TAKE_BACK,
    ...given,
    media: {
      maxBytes: 64 * MEBIBYTE,
      fetchTimeoutMs: 15_000,
      downloadTimeoutMs: 30_000,
      allowPrivate: false,
      budgetWaitMs: 8_000,
      downloadBudgetWaitMs: 60_000,
      ...media,
    },
  };
}
