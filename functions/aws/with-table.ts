import { openTable, openTableReads } from '../../shared/table/table.ts';
import { createTableClient } from '../../shared/table/table-client.ts';
import { type OpenService, refusing, type ServiceContext } from './services.ts';

function clientOf({ env, credentials }: ServiceContext) {
  const endpoint = env.DYNAMODB_ENDPOINT ?? env.AWS_ENDPOINT_URL;
  return createTableClient({ region: env.AWS_REGION, endpoint, credentials });
}

export const withTable: OpenService = (context) => ({
  table: openTable(clientOf(context), context.env.TABLE_NAME),
});

export const withTableReads: OpenService = (context) => ({
  table: { ...refusing('table'), ...openTableReads(clientOf(context), context.env.TABLE_NAME) },
});
