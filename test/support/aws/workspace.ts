import type { TestProject } from 'vitest/node';
import { temporaryFolder } from '../local/server-process.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A folder for the files that all tests of one run share. */
    workspace: string;
  }
}

/** Gives a project's tests one folder, and removes it after the last of them. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await temporaryFolder();
  project.provide('workspace', folder.path);
  return async () => folder[Symbol.asyncDispose]();
}
