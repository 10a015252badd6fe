import * as z from 'zod';
import type { Emulator } from './env.ts';
import { type Lack, MINISTACK_LACKS } from './lacks.ts';

const Health = z.object({ version: z.string() });
const TIMEOUT_MS = 60_000;

export interface Identity {
  /** `ministack 1.5.33`. */
  name: string;
  lacks: readonly Lack[];
}

async function versionAt(url: string): Promise<string | undefined> {
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) return undefined;
  return Health.safeParse(await response.json()).data?.version;
}

/** Which emulator answers there, and what it is not given. @throws where none answers */
export async function identifyEmulator({ url }: Emulator): Promise<Identity> {
  const ministack = await versionAt(`${url}/_ministack/health`);
  if (ministack !== undefined) return { name: `ministack ${ministack}`, lacks: MINISTACK_LACKS };
  return { name: `localstack ${(await versionAt(`${url}/_localstack/health`)) ?? 'unknown'}`, lacks: [] };
}
