import * as z from 'zod';

const EmulatorEnv = z.object({
  AWS_ENDPOINT_URL: z.url().default('http://127.0.0.1:4566'),
  AWS_REGION: z.string().min(1).default('us-east-1'),
});

export interface Emulator {
  url: string;
  region: string;
  /** For child processes: this machine's variables, with an emulator's address and nobody's credentials. */
  childEnvironment: Record<string, string>;
}

/** The emulator at `address`, else at the one the environment names; real credentials are never shown to it. */
export function readEmulator(address?: string): Emulator {
  const { AWS_ENDPOINT_URL, AWS_REGION: region } = EmulatorEnv.parse(process.env);
  const url = address ?? AWS_ENDPOINT_URL;
  const own = Object.entries(process.env).filter(
    (pair): pair is [string, string] => pair[1] !== undefined && !pair[0].startsWith('AWS_'),
  );
  return {
    url,
    region,
    childEnvironment: {
      ...Object.fromEntries(own),
      AWS_ENDPOINT_URL: url,
      AWS_ENDPOINT_URL_S3: url,
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    },
  };
}
