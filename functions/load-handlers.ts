import { controlRoutes } from '../shared/contract/control-routes.ts';
import type { Group } from '../shared/contract/route.ts';
import { handlerFile } from './handler-file.ts';
import type { Implementation } from './http/implement.ts';

/** The handlers of one group, or of all, found by convention; for runtimes that start from the sources. */
export async function loadHandlers(group?: Group): Promise<Implementation[]> {
  const routes = controlRoutes.filter((route) => group === undefined || route.group === group);
  return await Promise.all(
    routes.map(async (route) => {
      const url = new URL(`../${handlerFile(route)}`, import.meta.url);
      const { handler } = (await import(url.href)) as { handler: Implementation };
      return handler;
    }),
  );
}
