import type { Group, RouteDeclaration } from '../shared/contract/route.ts';
import { controlRoutes } from '../shared/control-routes.ts';
import type { Implementation } from './http/implement.ts';

/** The folder of each group's handlers: a group is one Lambda, a folder is one noun. */
const FOLDER_OF: Readonly<Record<Group, string>> = {
  auth: 'accounts/login',
  users: 'accounts',
  sessions: 'sessions',
  messages: 'messages',
  conversations: 'conversations',
  webhooks: 'webhooks',
  analytics: 'usage',
  workers: 'workers',
  callbacks: 'workers/reports',
  admin: 'administration',
  system: 'system',
};

/** Path of a route's handler, from the repository's root. */
export function handlerFile({ group, id }: Pick<RouteDeclaration, 'group' | 'id'>): string {
  return `functions/${FOLDER_OF[group]}/${id.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.ts`;
}

/** Imports the handlers of one group, or of all, by convention; for runtimes that start from sources. */
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
