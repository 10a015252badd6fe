/** A request that cannot be served, with a sentence for the person who made it. */
export class SandboxError extends Error {
  readonly status: number;

  constructor(status: 400 | 404 | 409 | 500 | 504, message: string) {
    super(message);
    this.name = 'SandboxError';
    this.status = status;
  }
}
