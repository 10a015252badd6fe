import * as z from 'zod';

/** Set by Lambda; the endpoint is set by an emulator only. */
const RotationEnv = z.object({
  AWS_REGION: z.string().min(1).default('us-east-1'),
  AWS_ENDPOINT_URL: z.url().optional(),
});

export function readRotationEnv(): { region: string; endpoint: string | undefined } {
  const { AWS_REGION, AWS_ENDPOINT_URL } = RotationEnv.parse(process.env);
  return { region: AWS_REGION, endpoint: AWS_ENDPOINT_URL };
}
