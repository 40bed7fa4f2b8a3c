import type { command as inClone } from '../../functions/shared/command.ts';

/** How a command of the installed package is called. */
export const command: typeof inClone = (name, args = '') => `label-on-upload ${name} ${args}`.trim();
