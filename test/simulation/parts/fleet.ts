import type { Host } from '../engine/host.ts';
import type { VirtualTime } from '../engine/virtual-time.ts';
import type { DeviceConnection, Dialler } from '../models/device-connection.ts';
import type { BucketWitness, ModelBucket } from '../models/model-bucket.ts';
import { createModelFetch, type Listener, type WireAnswer, type WireRequest } from '../models/model-fetch.ts';
import type { ModelNetwork } from '../models/model-network.ts';
import { createModelDialler } from '../models/model-socket.ts';
import type { ModelWhatsApp } from '../models/model-whatsapp.ts';
import type { UpFrame } from '../models/whatsapp-frames.ts';
import { routeIdOf } from './answer-request.ts';
import type { ControlPlane } from './control-plane.ts';
import type { Ledger } from './ledger.ts';
import type { Trace } from './trace.ts';
import { WorkerProcess } from './worker-process.ts';

/** `fixed`: one id and address for every process that runs there; `task`: each process has its own, as on ECS. */
export type SlotKind = 'fixed' | 'task';

/** A place where a worker runs, one process after another. */
export interface Slot {
  readonly index: number;
  readonly kind: SlotKind;
  maxSessions: number;
  process: WorkerProcess | undefined;
  /** Whoever starts processes under one name tells first that the last one has ended. */
  isToBeTold: boolean;
  /** How many processes have run there. */
  boots: number;
  /** Every process that has run there, with what it holds open. */
  readonly connections: Set<DeviceConnection>;
}

export interface FleetDeps {
  time: VirtualTime;
  network: ModelNetwork;
  bucket: ModelBucket;
  whatsapp: ModelWhatsApp;
  plane: () => ControlPlane;
  ledger: Ledger;
  trace: Trace;
  digitsOf: (sessionId: string) => string;
  storageWitness: BucketWitness;
}

/** What a worker's own clock may deviate from true time without anybody being wronged. */
const LEASE_TOLERANCE_MS = 500;

/** The workers of a history. */
export class Fleet {
  readonly slots: Slot[];
  readonly #deps: FleetDeps;
  readonly #byEndpoint = new Map<string, WorkerProcess>();

  constructor(slots: readonly { kind: SlotKind; maxSessions: number }[], deps: FleetDeps) {
    this.#deps = deps;
    this.slots = slots.map(({ kind, maxSessions }, index) => ({
      ...{
        index,
        kind,
        maxSessions,
        process: undefined,
        isToBeTold: false,
        boots: 0,
        connections: new Set<DeviceConnection>(),
      },
    }));
  }

  slot(index: number): Slot {
    const slot = this.slots[index % this.slots.length];
    if (slot === undefined) throw new Error('There are no workers.');
    return slot;
  }

  /** Who listens at an endpoint at this moment. */
  at(endpoint: string): WorkerProcess | undefined {
    const process = this.#byEndpoint.get(endpoint);
    return process?.isListening === true ? process : undefined;
  }

  /** Which slot an endpoint belongs to. */
  indexOf(endpoint: string): number {
    const [, index] = /^http:\/\/10\.(\d+)\./.exec(endpoint) ?? [];
    return Number(index ?? 0);
  }

  /** Nothing happens where a process runs already. */
  start(slot: Slot): void {
    if (slot.process !== undefined || slot.isToBeTold) return;
    const { time, network, bucket, trace } = this.#deps;
    slot.boots += 1;
    const isTask = slot.kind === 'task';
    const workerId = isTask ? `w${slot.index}-${slot.boots}` : `w${slot.index}`;
    const endpoint = `http://10.${slot.index}.${isTask ? slot.boots : 0}.1:8001`;
    const host = time.newHost(`${workerId}/${slot.boots}`);
    host.rate = 1 + (host.random.next() - 0.5) / 1_000;
    trace.note(`${host.name} starts with room for ${slot.maxSessions}`);
    const dialler = this.#diallerOf(slot, host);
    slot.process = host.run(
      () =>
        new WorkerProcess({
          ...{ host, workerId, endpoint, maxSessions: slot.maxSessions, protectsTask: isTask, trace },
          store: bucket.storeFor(() => network.storageOf(slot.index), {
            ...this.#deps.storageWitness,
            onAcknowledged: (key, sentAt) => this.#onStored(slot, key, sentAt),
          }),
          fetch: this.#fetchOf(slot),
          openSocket: createModelDialler(this.#deps.whatsapp, dialler, this.#deps.digitsOf),
          onExit: () => this.end(slot, 'exits'),
        }),
    );
    this.#byEndpoint.set(endpoint, slot.process);
  }

  /** The process of a slot ends at once, and with it every connection. Answers which worker it was. */
  end(slot: Slot, how: string): { workerId: string } | undefined {
    const { process } = slot;
    if (process === undefined) return undefined;
    this.#deps.trace.note(`${process.host.name} ${how}`);
    slot.process = undefined;
    process.leaseUntil = 0;
    process.end();
    for (const connection of slot.connections) connection.hangUp();
    slot.connections.clear();
    return { workerId: process.workerId };
  }

  /** Whether whoever holds a connection is its session's owner: the process runs and its lease is not over. */
  isOwners(connection: DeviceConnection): boolean {
    const process = this.processOf(connection);
    return process !== undefined && process.leaseUntil > this.#deps.time.now && connection.isOpenAtClient;
  }

  processOf({ dialler: { host } }: DeviceConnection): WorkerProcess | undefined {
    return this.slots.find(({ process }) => process?.host === host)?.process;
  }

  #diallerOf(slot: Slot, host: Host): Dialler {
    return {
      host,
      whatsapp: this.#deps.network.whatsappOf(slot.index),
      onFrame: (connection, frame) => this.#onFrame(slot, connection, frame),
    };
  }

  #onFrame(slot: Slot, connection: DeviceConnection, frame: UpFrame): void {
    slot.connections.add(connection);
    const { process } = slot;
    const { now } = this.#deps.time;
    if (process === undefined || process.leaseUntil + LEASE_TOLERANCE_MS >= now) return;
    const { name } = process.host;
    const late = Math.round(now - process.leaseUntil);
    this.#deps.ledger.break(
      'no frame without a lease',
      `${name} sent ${frame.kind} for ${connection.sessionId} ${late} ms after its lease had ended`,
    );
  }

  #fetchOf(slot: Slot): typeof fetch {
    const { time, network, plane, trace } = this.#deps;
    // Whoever ends a function has answered for it.
    const listener: Listener = {
      host: time.newHost('gateway'),
      serve: (request) => this.#toPlane(slot, request, plane()),
      onEnd: () => () => undefined,
    };
    return createModelFetch(network, (request) => {
      const route = routeIdOf(request);
      const process = slot.process;
      return {
        way: { worker: slot.index, link: 'control', route },
        listener: () => listener,
        onAnswer: (answer, sentAt) => {
          trace.note(`${process?.host.name ?? ''} <- ${route} ${answer.status} ${answer.body.slice(0, 400)}`);
          this.#onAnswer(process, route, answer, sentAt);
        },
      };
    });
  }

  #toPlane(slot: Slot, request: WireRequest, plane: ControlPlane): Promise<WireAnswer> {
    const route = routeIdOf(request);
    this.#deps.trace.note(`-> ${route} of worker ${slot.index} ${request.body?.slice(0, 600) ?? ''}`);
    return plane.handle(`${route} w${slot.index}`, { ...request, caller: { kind: 'worker' } });
  }

  /** The lease as it truly stands: from the sending of what was acknowledged. */
  #onAnswer(process: WorkerProcess | undefined, route: string, answer: WireAnswer, sentAt: number): void {
    if (process === undefined || (route !== 'registerWorker' && route !== 'heartbeatWorker')) return;
    if (answer.status === 200) {
      const { data } = JSON.parse(answer.body) as { data: { lease: { ttlMs: number } } };
      process.leaseUntil = Math.max(process.leaseUntil, sentAt + data.lease.ttlMs);
    } else if (answer.body.includes('"FENCED"')) process.leaseUntil = 0;
  }

  #onStored(slot: Slot, key: string, sentAt: number): void {
    const { process } = slot;
    const { now } = this.#deps.time;
    if (process === undefined || !key.endsWith('/alive') || process.leaseUntil <= now) return;
    process.leaseUntil = Math.max(process.leaseUntil, sentAt + 90_000);
  }
}
