import { readFileSync } from 'node:fs';
import { cpus, freemem, totalmem } from 'node:os';

/** Percent of what the container, or else the host, has. */
export interface Load {
  cpuUsage: number;
  memoryUsage: number;
}

/** A running total of processor time; both figures have the same unit. */
export interface CpuSample {
  usedMs: number;
  availableMs: number;
}

/** The share used between two samples, in percent with one decimal. */
export function cpuPercent(before: CpuSample, after: CpuSample): number {
  const available = after.availableMs - before.availableMs;
  if (available <= 0) return 0;
  return toPercent((after.usedMs - before.usedMs) / available);
}

function toPercent(share: number): number {
  return Math.round(Math.min(1, Math.max(0, share)) * 1000) / 10;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** cgroup v2: a container's quota in processors and its usage; undefined where nothing limits the process. */
function sampleContainer(): CpuSample | undefined {
  const [quota, period] = readText('/sys/fs/cgroup/cpu.max')?.trim().split(' ').map(Number) ?? [];
  const used = /usage_usec (\d+)/.exec(readText('/sys/fs/cgroup/cpu.stat') ?? '')?.[1];
  if (quota === undefined || period === undefined || used === undefined || Number.isNaN(quota))
    return undefined;
  return { usedMs: Number(used) / 1000, availableMs: performance.now() * (quota / period) };
}

function sampleHost(): CpuSample {
  const sample = { usedMs: 0, availableMs: 0 };
  for (const { times } of cpus()) {
    const all = Object.values(times).reduce((sum, time) => sum + time, 0);
    sample.usedMs += all - times.idle;
    sample.availableMs += all;
  }
  return sample;
}

function memoryPercent(): number {
  const limit = process.constrainedMemory();
  const total = limit > 0 && limit < totalmem() ? limit : totalmem();
  const available = total === limit ? process.availableMemory() : freemem();
  return toPercent((total - available) / total);
}

/** Shorter spans would measure the measuring. */
const SPAN_MS = 1000;

/** Returns the load since about a second before the last call. */
export function createLoadMeter(): () => Load {
  const sample = () => sampleContainer() ?? sampleHost();
  let before = sample();
  let takenAt = performance.now();
  let cpuUsage = 0;
  return () => {
    if (performance.now() - takenAt >= SPAN_MS) {
      const after = sample();
      cpuUsage = cpuPercent(before, after);
      before = after;
      takenAt = performance.now();
    }
    return { cpuUsage, memoryUsage: memoryPercent() };
  };
}
