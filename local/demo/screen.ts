import pc from 'picocolors';
import { toString as drawText } from 'qrcode';

/** The demo's output: one line per finished step, with the time it took. */
export interface Screen {
  step<T>(title: string, work: () => Promise<T>, describe?: (result: T) => string): Promise<T>;
  say(line: string): void;
  drawQr(text: string): Promise<void>;
}

export function createScreen(print: (line: string) => void): Screen {
  return {
    say: print,
    async step(title, work, describe = () => '') {
      const start = performance.now();
      try {
        const result = await work();
        const took = pc.dim(`${Math.round(performance.now() - start)} ms`);
        print(`${pc.green('✓')} ${title}  ${pc.cyan(describe(result))}  ${took}`.replace(/ {2,}/g, '  '));
        return result;
      } catch (thrown) {
        print(`${pc.red('✗')} ${title}`);
        throw thrown;
      }
    },
    async drawQr(text) {
      print(await drawText(text, { type: 'terminal', small: true, errorCorrectionLevel: 'L' }));
    },
  };
}

/** The middle value; of an even number of values, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  const sorted = values.toSorted((a, b) => a - b);
  const upper = Math.floor(sorted.length / 2);
  const middle =
    sorted.length % 2 === 1 ? sorted.slice(upper, upper + 1) : sorted.slice(upper - 1, upper + 1);
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}
