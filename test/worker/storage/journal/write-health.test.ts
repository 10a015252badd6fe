import { expect, onTestFinished, test, vi } from 'vitest';
import { WriteHealth } from '../../../../worker/storage/journal/write-health.ts';

function watchHealth() {
  const told: string[] = [];
  const state = { isOver: false };
  const health = new WriteHealth({
    slowMs: 5_000,
    isOver: () => state.isOver,
    onFault: (error) => told.push(String(error)),
    onRecovered: () => told.push('recovered'),
  });
  return { health, told, state };
}

test('every fault is told, and once that they are over', () => {
  const { health, told } = watchHealth();
  health.succeed();
  health.fail('one');
  health.fail('two');
  health.succeed();
  health.succeed();
  expect(told).toEqual(['one', 'two', 'recovered']);
});

test('a write that takes long is a fault; one that has ended in time is none', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const { health, told } = watchHealth();
  const endedInTime = health.watch();
  vi.advanceTimersByTime(4_999);
  endedInTime();
  vi.advanceTimersByTime(60_000);
  expect(told).toEqual([]);
  health.watch();
  vi.advanceTimersByTime(5_000);
  expect(told).toEqual(['Error: a write takes long']);
});

test('after the end no fault is told', () => {
  const { health, told, state } = watchHealth();
  state.isOver = true;
  health.fail('late');
  health.succeed();
  expect(told).toEqual([]);
});
