import { registerHooks } from 'node:module';

/**
 * Preloaded into a server by `NODE_OPTIONS`: its gateway hands events to the functions as JSON, as AWS does, so that a body reaches
 * them only in base64. Without this, the gateway also passes the body as bytes, which spares the server the base64.
 */
const event = new URL('../../../local/http/event.ts', import.meta.url).href;
const asJson = new URL('./json-event.ts', import.meta.url).href;

registerHooks({
  resolve(specifier, context, nextResolve) {
    const resolved = nextResolve(specifier, context);
    return resolved.url === event && context.parentURL !== asJson ? { ...resolved, url: asJson } : resolved;
  },
});
