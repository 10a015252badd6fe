import { createPoster } from '../realtime/poster.ts';
import type { OpenService } from './services.ts';

export const withPush: OpenService = ({ env, credentials }) => ({
  poster: createPoster({ endpoint: env.WEBSOCKET_CALLBACK_URL, region: env.AWS_REGION, credentials }),
});
