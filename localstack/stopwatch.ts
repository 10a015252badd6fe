/** Runs steps, says how long each took, and remembers it. */
export class Stopwatch {
  /** Seconds by step. */
  readonly seconds: Record<string, number> = {};

  async time<T>(step: string, work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    const result = await work();
    const seconds = Math.round((performance.now() - start) / 100) / 10;
    this.seconds[step] = seconds;
    console.log(`${step}: ${seconds} s`);
    return result;
  }
}
