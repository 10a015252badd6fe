import { expect, onTestFinished, test, vi } from 'vitest';
import { SilenceWatch } from '../../../../worker/sessions/connection/silence-watch.ts';

const LONG_MS = 3_600_000;

function watchSilence({ answers = true } = {}) {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const told: string[] = [];
  const watch = new SilenceWatch({
    loginTimeoutMs: 60_000,
    probe: { intervalMs: 45_000, timeoutMs: 15_000 },
    mayAsk: () => true,
    onSilence: (during) => told.push(during),
  });
  const ask = vi.fn(async () => {
    if (!answers) throw new Error('no answer');
  });
  return { watch, told, ask };
}

test('a login without an answer is told of', async () => {
  const { watch, told } = watchSilence();
  watch.awaitLogin();
  await vi.advanceTimersByTimeAsync(59_999);
  expect(told).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(told).toEqual(['login']);
});

test('a person may take their time', async () => {
  const { watch, told } = watchSilence();
  watch.awaitLogin();
  watch.awaitPerson();
  await vi.advanceTimersByTimeAsync(LONG_MS);
  expect(told).toEqual([]);
});

test('once it is logged in, a socket is asked again and again, and its first silence is told of', async () => {
  const { watch, told, ask } = watchSilence();
  watch.awaitLogin();
  watch.probe({ ask });
  await vi.advanceTimersByTimeAsync(LONG_MS);
  expect(told).toEqual([]);
  expect(ask.mock.calls.length).toBeGreaterThan(1);
  watch.stop();

  const deaf = watchSilence({ answers: false });
  deaf.watch.probe({ ask: deaf.ask });
  await vi.advanceTimersByTimeAsync(LONG_MS);
  expect(deaf.told).toEqual(['probe']);
});

test('nothing is told of a socket that is gone', async () => {
  const { watch, told, ask } = watchSilence({ answers: false });
  watch.awaitLogin();
  watch.stop();
  watch.probe({ ask });
  watch.stop();
  await vi.advanceTimersByTimeAsync(LONG_MS);
  expect(told).toEqual([]);
  expect(ask).not.toHaveBeenCalled();
});
