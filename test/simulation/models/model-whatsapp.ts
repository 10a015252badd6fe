import type { Host } from '../engine/host.ts';
import type { Random } from '../engine/random.ts';
import type { VirtualTime } from '../engine/virtual-time.ts';
import type { DeviceConnection } from './device-connection.ts';
import type { Stanza, UpFrame } from './whatsapp-frames.ts';

/** One linked device of an account: it is logged in once at most, and what it has not confirmed waits for it. */
interface Device {
  id: string;
  digits: string;
  isLinked: boolean;
  connection: DeviceConnection | undefined;
  queue: Stanza[];
}

/** What an onlooker is told of. */
export interface WhatsAppWitness {
  onLogin(connection: DeviceConnection): void;
  /** A device has confirmed a message: WhatsApp does not repeat it. */
  onReceipted(message: Extract<Stanza, { kind: 'message' }>, account: string): void;
  /** A message stands on the recipient's phone for the first time under this id. */
  onDelivered(message: { id: string; from: string; to: string; text: string }): void;
}

/** How long a phone takes to take a device, once it shows itself. */
const SCAN_MS = { from: 1_000, to: 6_000 };
const KICKED = 440;
const LOGGED_OUT = 401;
const RESTART = 515;

/** WhatsApp's servers and everybody's phones. */
export class ModelWhatsApp {
  readonly host: Host;
  readonly #time: VirtualTime;
  readonly #random: Random;
  readonly #witness: WhatsAppWitness;
  readonly #devices = new Map<string, Device>();
  /** The device of each account, by its digits. */
  readonly #linked = new Map<string, Device>();
  /** What stands on phones, by sender and id. */
  readonly #delivered = new Set<string>();
  #devicesMade = 0;
  #stanzasMade = 0;

  constructor(time: VirtualTime, witness: WhatsAppWitness) {
    this.#time = time;
    this.#witness = witness;
    this.#random = time.random('whatsapp');
    this.host = time.newHost('whatsapp');
  }

  /** A new device of an account, in place of the one that it had. */
  link(digits: string): string {
    this.#devicesMade += 1;
    const id = `device-${this.#devicesMade}`;
    const device: Device = { id, digits, isLinked: true, connection: undefined, queue: [] };
    const earlier = this.#linked.get(digits);
    if (earlier !== undefined) this.#unlink(earlier);
    this.#devices.set(id, device);
    this.#linked.set(digits, device);
    return id;
  }

  isLinked(digits: string): boolean {
    return this.#linked.has(digits);
  }

  /** The connection that an account's device is logged in over. */
  connectionOf(digits: string): DeviceConnection | undefined {
    return this.#linked.get(digits)?.connection;
  }

  /** What an account's device has not confirmed yet. */
  queueOf(digits: string): readonly Stanza[] {
    return this.#linked.get(digits)?.queue ?? [];
  }

  /** Somebody writes to an account; lost where no device is linked, since nobody was ever to read it there. */
  write(digits: string, from: string, text: string): boolean {
    const device = this.#linked.get(digits);
    if (device === undefined) return false;
    this.#stanzasMade += 1;
    const stanzaId = `IN${this.#stanzasMade}`;
    this.#enqueue(device, { kind: 'message', stanzaId, from, text, at: this.#time.now });
    return true;
  }

  /** Another client logs in as an account's device, which ends the connection that is there, and leaves again. */
  replace(digits: string): void {
    const connection = this.connectionOf(digits);
    if (connection !== undefined) this.#end(connection, KICKED);
  }

  take(connection: DeviceConnection, frame: UpFrame): void {
    if (frame.kind === 'login') this.#login(connection, frame.deviceId);
    else if (frame.kind === 'paired') this.#end(connection, RESTART);
    else if (frame.kind === 'message') this.#relay(connection, frame);
    else if (frame.kind === 'receipt') this.#confirm(connection, frame.stanzaId);
    else this.#answer(connection, frame);
  }

  /** The other side is gone. */
  forget(connection: DeviceConnection): void {
    connection.isOpenAtServer = false;
    const device = this.#deviceOf(connection);
    if (device?.connection === connection) device.connection = undefined;
  }

  #login(connection: DeviceConnection, deviceId: string | undefined): void {
    const device = deviceId === undefined ? undefined : this.#devices.get(deviceId);
    if (device?.isLinked !== true) {
      if (deviceId === undefined) this.#pair(connection);
      else this.#end(connection, LOGGED_OUT);
      return;
    }
    if (device.connection !== undefined) this.#end(device.connection, KICKED);
    device.connection = connection;
    connection.deviceId = device.id;
    connection.isLoggedIn = true;
    this.#witness.onLogin(connection);
    connection.tell({ kind: 'success' });
    for (const stanza of device.queue) connection.tell({ kind: 'stanza', stanza, isOffline: true });
    connection.tell({ kind: 'caught-up' });
  }

  /** The device shows itself, and a phone takes it. */
  #pair(connection: DeviceConnection): void {
    const { digits } = connection;
    const takes = () => {
      if (connection.isOpenAtServer) connection.tell({ kind: 'pair', deviceId: this.link(digits), digits });
    };
    this.#time.schedule(this.host, this.#random.between(SCAN_MS.from, SCAN_MS.to), 'io', takes);
  }

  #relay(connection: DeviceConnection, { id, to, text }: Extract<UpFrame, { kind: 'message' }>): void {
    const device = this.#deviceOf(connection);
    if (device?.connection !== connection) return;
    connection.tell({ kind: 'ack', id });
    const from = device.digits;
    const name = `${from}|${id}`;
    // Phones drop what they have under the same id already.
    if (this.#delivered.has(name)) return;
    this.#delivered.add(name);
    this.#witness.onDelivered({ id, from, to, text });
    this.#tellStatus(device, { id, to }, 'delivered', this.#random.between(50, 800));
    if (this.#random.chance(0.5))
      this.#tellStatus(device, { id, to }, 'read', this.#random.between(900, 9_000));
  }

  #tellStatus(
    device: Device,
    { id: messageId, to }: { id: string; to: string },
    status: 'delivered' | 'read',
    afterMs: number,
  ): void {
    const stanzaId = `${messageId}-${status}`;
    this.#time.schedule(this.host, afterMs, 'io', () => {
      if (device.isLinked)
        this.#enqueue(device, { kind: 'status', stanzaId, messageId, to, status, at: this.#time.now });
    });
  }

  #enqueue(device: Device, stanza: Stanza): void {
    device.queue.push(stanza);
    device.connection?.tell({ kind: 'stanza', stanza, isOffline: false });
  }

  #confirm(connection: DeviceConnection, stanzaId: string): void {
    const device = this.#deviceOf(connection);
    if (device?.connection !== connection) return;
    const at = device.queue.findIndex((each) => each.stanzaId === stanzaId);
    const [confirmed] = at < 0 ? [] : device.queue.splice(at, 1);
    if (confirmed?.kind === 'message') this.#witness.onReceipted(confirmed, device.digits);
  }

  #answer(connection: DeviceConnection, { id, what }: Extract<UpFrame, { kind: 'query' }>): void {
    const device = this.#deviceOf(connection);
    if (device?.connection !== connection) return;
    connection.tell({ kind: 'answer', id });
    if (what === 'unlink') this.#unlink(device);
  }

  #unlink(device: Device): void {
    device.isLinked = false;
    device.queue = [];
    if (this.#linked.get(device.digits) === device) this.#linked.delete(device.digits);
    if (device.connection !== undefined) this.#end(device.connection, LOGGED_OUT);
  }

  #end(connection: DeviceConnection, code: number): void {
    connection.tell({ kind: 'close', code });
    this.forget(connection);
  }

  #deviceOf({ deviceId }: DeviceConnection): Device | undefined {
    return deviceId === undefined ? undefined : this.#devices.get(deviceId);
  }
}
