import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createApp } from '../infra/create-app.ts';
import { emulated, STAGES } from '../infra/stages.ts';
import { readEmulator } from './env.ts';
import { identifyEmulator } from './identify-emulator.ts';
import { leaveOut } from './leave-out.ts';
import { LEFT_OUT } from './run-cdk.ts';

// The app that `cdk` runs for an emulator: that of infra/ with its dev stage, without what the emulator
// cannot make.
const emulator = readEmulator();
const { lacks } = await identifyEmulator(emulator);
const { app, stages } = createApp({}, [emulated(STAGES.dev, emulator.url)]);
const leftOut = stages.map((stage) => leaveOut(stage, lacks));
app.synth();
await mkdir(dirname(LEFT_OUT), { recursive: true });
await writeFile(LEFT_OUT, JSON.stringify(leftOut.flatMap((each) => [...each.values()])));
