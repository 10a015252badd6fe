import * as z from 'zod';
import { defineRoute } from '../contract/route.ts';

const base = { group: 'system', method: 'GET', callers: ['public'] } as const;

export const getConfig = defineRoute({
  ...base,
  id: 'getConfig',
  path: '/api/v1/config',
  storeless: true,
  summary: 'What a front end needs to know',
  answer: z.object({
    version: z.string(),
    websocketUrl: z.string(),
    environment: z.string(),
    network: z.enum(['live', 'sandbox']).meta({ id: 'Network' }),
  }),
});

export const getHealth = defineRoute({
  ...base,
  id: 'getHealth',
  path: '/api/v1/health',
  summary: 'Whether the control plane answers; with ready=1 whether a worker is live too',
  query: z.object({ ready: z.enum(['0', '1', 'true', 'false']).optional() }),
  answer: z.object({ status: z.literal('ok'), version: z.string() }),
  errors: ['NO_WORKER_AVAILABLE'],
});

export const getOpenapi = defineRoute({
  ...base,
  id: 'getOpenapi',
  path: '/api/v1/openapi.json',
  storeless: true,
  summary: 'This document',
  answer: z.undefined(),
  raw: ['application/json'],
});

export const getDocs = defineRoute({
  ...base,
  id: 'getDocs',
  path: '/api/v1/docs',
  storeless: true,
  summary: 'This reference, to read',
  answer: z.undefined(),
  raw: ['text/html'],
});

export const systemRoutes = [getConfig, getHealth, getOpenapi, getDocs] as const;
