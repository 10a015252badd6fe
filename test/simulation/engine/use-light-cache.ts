import module from 'node:module';

const LIGHT = new URL('./light-cache.ts', import.meta.url).href;

/**
 * Has the product's own modules, those that are loaded from now on, use the light cache. Nothing happens on a Node
 * without such hooks: histories then take longer.
 */
export function useLightCache(): void {
  module.registerHooks?.({
    resolve: (specifier, context, next) =>
      specifier === 'lru-cache' && context.parentURL?.includes('/node_modules/') === false
        ? { url: LIGHT, format: 'module-typescript', shortCircuit: true }
        : next(specifier, context),
  });
}
