import { getConfig } from '../../shared/system/routes.ts';
import { implement } from '../http/implement.ts';

export const handler = implement(getConfig, async (_, { config }) => ({
  data: {
    version: config.version,
    websocketUrl: config.websocketUrl,
    environment: config.environment,
    network: config.network,
  },
}));
