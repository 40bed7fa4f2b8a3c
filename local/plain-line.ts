import * as z from 'zod';

const lineSchema = z.looseObject({ time: z.string(), level: z.string(), msg: z.string().default('') });
const errorSchema = z.object({ stack: z.string() });

/** A line of JSON from the log for a person: time, level, message, then fields. */
export function plainLine(json: string): string {
  const { time, level, msg, ...fields } = lineSchema.parse(JSON.parse(json, rounded));
  const pairs = Object.entries(fields).map(([name, value]) => `${name}=${plainValue(value)}`);
  return `${[time, level, withoutControls(msg), ...pairs].join(' ')}\n`;
}

/** What is one word stays as it is. Anything else is quoted, so that nothing from outside can look like another field or line. */
function plainValue(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'string' && /^[\w./:@+-]+$/.test(value)) return value;
  const error = errorSchema.safeParse(value);
  // A stack has a line for each call; none of them begins as a line of the log does.
  if (error.success) return error.data.stack.split('\n').map(withoutControls).join('\n    ');
  return withoutControls(JSON.stringify(value));
}

/** A terminal would obey them. */
function withoutControls(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, ' ');
}

function rounded(_: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 10) / 10 : value;
}
