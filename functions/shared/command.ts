/** The commands that a person calls, in a clone of the repository as in the installed package. */
export type CommandName = 'serve' | 'predict' | 'model' | 'backfill' | 'results';

/** How a command is called in a clone, for messages that say what to do. The package has its own: `pack/stand-ins/command.ts`. */
export function command(name: CommandName, args = ''): string {
  const script = name === 'serve' ? 'npm start' : `npm run ${name}`;
  return args === '' ? script : `${script} -- ${args}`;
}
