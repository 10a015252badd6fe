import { expect, test } from 'vitest';
import { OwnerCommands } from '../../../../worker/sessions/registry/owner-commands.ts';

function start() {
  const entered: number[] = [];
  const commands = new OwnerCommands(
    { epoch: 1, rev: 1 },
    { isEnded: () => false, enterEpoch: async (epoch) => void entered.push(epoch) },
  );
  return { commands, entered };
}

test('a session’s commands run one after another, in the order in which they were given', async () => {
  const { commands } = start();
  const ran: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = commands.run({ epoch: 1, rev: 2 }, async () => {
    await gate.promise;
    ran.push('first');
  });
  const second = commands.run({ epoch: 1, rev: 3 }, async () => void ran.push('second'));
  gate.resolve();
  await Promise.all([first, second]);
  expect(ran).toEqual(['first', 'second']);
});

test('a command that became older while it waited is refused and not carried out', async () => {
  const { commands, entered } = start();
  const ran: string[] = [];
  const newer = commands.run({ epoch: 3, rev: 1 }, async () => void ran.push('newer owner'));
  const older = commands.run({ epoch: 2, rev: 9 }, async () => void ran.push('older owner'));
  await expect(older).rejects.toMatchObject({ code: 'STALE_OWNER' });
  await newer;
  expect(ran).toEqual(['newer owner']);
  expect(entered).toEqual([3]);
});

test('a command that waits behind a newer wish learns that it is superseded', async () => {
  const { commands } = start();
  const gate = Promise.withResolvers<void>();
  const first = commands.run({ epoch: 1, rev: 2 }, async () => {
    await gate.promise;
    return commands.superseded;
  });
  const second = commands.run({ epoch: 1, rev: 3 }, async () => commands.superseded);
  gate.resolve();
  expect(await first).toBe(true);
  expect(await second).toBe(false);
});
