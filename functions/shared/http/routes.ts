/** The functions that answer HTTP. `events` is the status function's second entry: a Lambda streams its response or buffers it. */
export type HttpFunction = 'upload' | 'status' | 'events' | 'site';

/** Every resource of the API in API Gateway's notation, and the function that answers it. */
export const resources = {
  '/predict': 'upload',
  '/uploads': 'upload',
  '/status/{id}': 'status',
  '/status/{id}/events': 'events',
  '/': 'site',
  '/docs': 'site',
  '/health': 'site',
  '/model': 'site',
  '/models': 'site',
  '/labels': 'site',
  '/openapi.json': 'site',
  '/assets/{name}': 'site',
  '/{proxy+}': 'site',
} as const satisfies Record<string, HttpFunction>;

export type Resource = keyof typeof resources;

/** The methods that a function has a route for; HEAD and OPTIONS come with them. The catch-all answers nothing but 404. */
export const methods = {
  '/predict': ['POST'],
  '/uploads': ['POST'],
  '/status/{id}': ['GET', 'DELETE'],
  '/status/{id}/events': ['GET'],
  '/': ['GET'],
  '/docs': ['GET'],
  '/health': ['GET'],
  '/model': ['GET'],
  '/models': ['GET'],
  '/labels': ['GET'],
  '/openapi.json': ['GET'],
  '/assets/{name}': ['GET'],
  '/{proxy+}': [],
} as const satisfies Record<Resource, readonly string[]>;

export function isResource(name: string): name is Resource {
  return Object.hasOwn(resources, name);
}

/** The address of a job, relative to the service's own, so that it is right under a stage or a base path too. */
export function statusPath(id: string): string {
  return `status/${id}`;
}
