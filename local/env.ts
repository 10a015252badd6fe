import * as z from 'zod';
import { LocalError } from './local-error.ts';

const text = z.string().trim().min(1).optional();

const LocalSettings = z
  .object({
    PORT: z
      .string()
      .regex(/^\d{1,5}$/, 'use a port number, or 0 for any free one')
      .transform(Number)
      .pipe(z.number().max(65_535, 'use at most 65535'))
      .default(8000),
    ADMIN_EMAIL: z.email('use an e-mail address').optional(),
    ADMIN_PASSWORD: z.string().min(8, 'use at least 8 characters').max(200).optional(),
    WORKER_AUTH_TOKEN: z.string().min(16, 'use at least 16 characters').optional(),
    WHATSAPP_WS_URL: z
      .string()
      .refine(
        (url) => URL.canParse(url) && /^wss?:$/.test(new URL(url).protocol),
        'use a ws:// or wss:// URL',
      )
      .optional(),
    WHATSAPP_NOISE_ROOT: z
      .string()
      .regex(/^[0-9a-f]{64}$/i, 'use a public key of 32 bytes in hex')
      .optional(),
    WHATSAPP_VERSION: text,
    NODE_EXTRA_CA_CERTS: text,
    LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info'),
  })
  .check(({ value, issues }) => {
    if (value.WHATSAPP_NOISE_ROOT !== undefined && value.WHATSAPP_WS_URL === undefined)
      issues.push({
        code: 'custom',
        path: ['WHATSAPP_WS_URL'],
        message: 'set it together with WHATSAPP_NOISE_ROOT',
        input: value,
      });
  });

/** The settings that `npm start` reads from the environment. */
export type LocalEnv = z.output<typeof LocalSettings>;

/** What a child process needs of the machine's environment; no settings of ours, and no secrets. */
const INHERITED = [
  'PATH',
  'HOME',
  'TMPDIR',
  'TZ',
  'LANG',
  'LC_ALL',
  'SystemRoot',
  'USERPROFILE',
  'TEMP',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
] as const;

type Source = Readonly<Record<string, string | undefined>>;

/** @throws LocalError naming every variable that is wrong */
export function parseLocalEnv(source: Source): LocalEnv {
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value?.trim() !== ''));
  const parsed = LocalSettings.safeParse(given);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new LocalError(`Check the environment: ${problems.join('; ')}.`);
}

export function readLocalEnv(): LocalEnv {
  return parseLocalEnv(process.env);
}

export function readInheritedEnv(): Record<string, string> {
  const entries = INHERITED.map((name) => [name, process.env[name]] as const);
  return Object.fromEntries(
    entries.filter((entry): entry is [(typeof INHERITED)[number], string] => entry[1] !== undefined),
  );
}
