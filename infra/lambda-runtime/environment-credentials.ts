import { credentialsOfEnvironment } from '../../shared/aws/env.ts';

/** Takes the place of the SDK's chain of credential providers: Lambda sets credentials as variables, nothing else is there to look at. */
export const defaultProvider = () => credentialsOfEnvironment;
