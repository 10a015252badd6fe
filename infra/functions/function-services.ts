import type { ObjectRight } from '../constructs/object-bucket.ts';
import type { FunctionName } from '../stages.ts';
import { RIGHTS } from './rights.ts';

/** What an entry imports, and from where. */
interface Import {
  name: string;
  from: string;
}

const opener = (name: string, file: string): Import => ({ name, from: `./functions/${file}.ts` });

function objectOpener(rights: readonly ObjectRight[]): Import[] {
  if (rights.length === 0) return [];
  const uploads = rights.some(({ actions }) => actions.includes('s3:PutObject'));
  const reads = rights.some(({ list }) => list === true);
  return [opener(uploads ? 'withObjects' : reads ? 'withObjectReads' : 'withDownloads', 'aws/with-objects')];
}

/** How a function's entry opens the services of AWS that it has a right to, and no others. */
export function servicesOf(name: FunctionName): { imports: string[]; argument: string } {
  const { table, secrets, objects = [], sendsTo = [], pushes, mails, callsWorkers } = RIGHTS[name];
  const openers = [
    opener(table === 'write' ? 'withTable' : 'withTableReads', 'aws/services'),
    ...objectOpener(objects),
    ...(sendsTo.length > 0 ? [opener('withQueues', 'aws/with-queues')] : []),
    ...(pushes === true ? [opener('withPush', 'realtime/poster')] : []),
    ...(mails === true ? [opener('withMail', 'accounts/mail/create-mailer')] : []),
  ];
  const beside: Import[] = [
    ...(secrets.length > 0 ? [{ name: 'openSecrets', from: './functions/lambda/read-secret.ts' }] : []),
    ...(callsWorkers === true ? [{ name: 'openRelay', from: './functions/lambda/invoke-relay.ts' }] : []),
  ];
  const services = `services: [${openers.map((each) => each.name).join(', ')}]`;
  return {
    imports: [...openers, ...beside].map((each) => `import { ${each.name} } from '${each.from}';`),
    argument: `{ ${[services, ...beside.map((each) => each.name)].join(', ')} }`,
  };
}
