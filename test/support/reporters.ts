import { join } from 'node:path';

const { CI_RESULTS } = process.env;

/** What vitest prints; where `CI_RESULTS` names a folder, a file in it too, for `.ci/run` to count what really ran. */
export const reporters: (string | [string, { outputFile: string }])[] = CI_RESULTS
  ? ['default', ['json', { outputFile: join(CI_RESULTS, `${process.pid}.json`) }]]
  : ['default'];
