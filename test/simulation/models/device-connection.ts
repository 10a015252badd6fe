import type { Host } from '../engine/host.ts';
import { FramePipe, type LinkWeather } from './frame-pipe.ts';
import type { ModelWhatsApp } from './model-whatsapp.ts';
import type { DownFrame, UpFrame } from './whatsapp-frames.ts';

/** The process behind a connection. */
export interface Dialler {
  host: Host;
  whatsapp: LinkWeather;
  /** Asked of each frame that leaves: whether it may, by the clock of the history itself. */
  onFrame(connection: DeviceConnection, frame: UpFrame): void;
}

/** A connection between one process and WhatsApp, with both of its ends. */
export class DeviceConnection {
  readonly dialler: Dialler;
  /** Of the account that the session is for. */
  readonly digits: string;
  readonly sessionId: string;
  deviceId: string | undefined;
  isLoggedIn = false;
  isOpenAtServer = true;
  isOpenAtClient = true;
  readonly #whatsapp: ModelWhatsApp;
  readonly #up: FramePipe;
  readonly #down: FramePipe;
  readonly #onFrame: (frame: DownFrame) => void;

  constructor(
    whatsapp: ModelWhatsApp,
    about: { dialler: Dialler; digits: string; sessionId: string },
    onFrame: (frame: DownFrame) => void,
  ) {
    this.dialler = about.dialler;
    this.digits = about.digits;
    this.sessionId = about.sessionId;
    this.#whatsapp = whatsapp;
    this.#onFrame = onFrame;
    this.#up = new FramePipe(whatsapp.host, about.dialler.whatsapp);
    this.#down = new FramePipe(about.dialler.host, about.dialler.whatsapp);
  }

  /** From the device. */
  say(frame: UpFrame): void {
    if (!this.isOpenAtClient) return;
    this.dialler.onFrame(this, frame);
    this.#up.send(() => this.isOpenAtServer && this.#whatsapp.take(this, frame));
  }

  /** From WhatsApp. */
  tell(frame: DownFrame): void {
    if (!this.isOpenAtServer) return;
    this.#down.send(() => this.isOpenAtClient && this.#onFrame(frame));
  }

  /** The device's end: nothing is sent or heard any more, and WhatsApp notices. */
  hangUp(): void {
    if (!this.isOpenAtClient) return;
    this.isOpenAtClient = false;
    this.#up.send(() => this.isOpenAtServer && this.#whatsapp.forget(this));
  }
}
