import { createApp } from './create-app.ts';

// `cdk synth` makes every stage; `cdk deploy 'dev/*'` deploys one.
createApp();
