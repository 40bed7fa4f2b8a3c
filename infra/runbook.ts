import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { StackSettings } from './settings.ts';

/** What every alarm leads to, from the repository's root. */
export const runbook = 'docs/operations.md';

/** The address of a heading of the runbook; its path where the repository's address is unknown. */
export function runbookLink({ runbookUrl }: Pick<StackSettings, 'runbookUrl'>, heading: string): string {
  return `${runbookUrl ?? runbook}#${anchorOf(heading)}`;
}

/** As GitHub makes them of headings. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

/**
 * The runbook's address on GitHub: of the commit that a workflow deploys, else of the clone's origin.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/variables
 * @returns `undefined` where neither is on a web server.
 */
export function findRunbookUrl(environment: NodeJS.ProcessEnv, remote = originOf()): string | undefined {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: name, GITHUB_SHA: commit } = environment;
  if (server && name && commit) return `${server}/${name}/blob/${commit}/${runbook}`;
  const address = /^(?:https:\/\/(?:[^@/]+@)?|(?:ssh:\/\/)?git@)([^:/]+)[:/](.+?)(?:\.git)?\/?$/.exec(remote);
  return address === null ? undefined : `https://${address[1]}/${address[2]}/blob/main/${runbook}`;
}

function originOf(): string {
  try {
    const cwd = join(import.meta.dirname, '..');
    const address = execFileSync('git', ['remote', 'get-url', 'origin'], {
      cwd,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return address.toString().trim();
  } catch {
    return '';
  }
}
