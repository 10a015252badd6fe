import * as z from 'zod';
import { fromZod } from '../errors/from-zod.ts';

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

const CredentialsEnv = z.object({
  AWS_ACCESS_KEY_ID: z.string().min(1),
  AWS_SECRET_ACCESS_KEY: z.string().min(1),
  /** Emulators set it to nothing. */
  AWS_SESSION_TOKEN: z.string().optional(),
});

/** The credentials that Lambda sets, read anew each time. @throws AppError VALIDATION_ERROR */
export async function credentialsOfEnvironment(): Promise<Credentials> {
  const parsed = CredentialsEnv.safeParse(process.env);
  if (!parsed.success) throw fromZod(parsed.error, 'environment');
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = parsed.data;
  return {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN ? { sessionToken: AWS_SESSION_TOKEN } : {}),
  };
}

/** Emulators on this machine take any, and must never be shown real ones. */
export const localCredentials = async (): Promise<Credentials> => ({
  accessKeyId: 'local',
  secretAccessKey: 'local',
});
