import { isResource, type Resource, resources } from '../../functions/shared/http/routes.ts';

export interface RouteMatch {
  readonly resource: Resource;
  readonly pathParameters: Readonly<Record<string, string>> | null;
}

const patterns = Object.keys(resources).map((resource) => ({
  resource,
  expression: new RegExp(
    `^${resource.replace('/{proxy+}', '/(?<proxy>.+)').replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`,
  ),
}));

/** The resource that API Gateway would choose for a path: the first that matches, the catch-all last. */
export function matchRoute(path: string): RouteMatch | undefined {
  for (const { resource, expression } of patterns) {
    const match = expression.exec(path);
    if (match && isResource(resource)) return { resource, pathParameters: decodeAll(match.groups) };
  }
  return undefined;
}

function decodeAll(groups: Readonly<Record<string, string>> | undefined): Record<string, string> | null {
  if (groups === undefined) return null;
  return Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decode(value)]));
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
