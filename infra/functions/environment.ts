/** What the control plane's functions read from their environment. */
export interface FunctionsEnvironment {
  ENVIRONMENT: string;
  VERSION: string;
  LOG_LEVEL: string;
  TABLE_NAME: string;
  S3_BUCKET: string;
  DELIVERY_QUEUE_URL: string;
  OUTBOX_QUEUE_URL: string;
  WEBSOCKET_URL: string;
  WEBSOCKET_CALLBACK_URL: string;
  RELAY_FUNCTION_NAME: string;
  JWT_SECRET_ARN: string;
  WORKER_TOKENS_SECRET_ARN: string;
}

/** Whoever may be granted rights, with the variables that tell where the resource is. */
export interface Capability<Name extends keyof FunctionsEnvironment> {
  environment: Pick<FunctionsEnvironment, Name>;
}
