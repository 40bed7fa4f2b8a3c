import { toEvent as toLocalEvent } from '../../../local/http/event.ts';

export * from '../../../local/http/event.ts';

// The end-to-end suite looks for this line.
console.log('Events are handed to the functions as JSON.');

/** The gateway's event after its way through JSON, which keeps no bytes. */
export function toEvent(...request: Parameters<typeof toLocalEvent>): ReturnType<typeof toLocalEvent> {
  return JSON.parse(JSON.stringify(toLocalEvent(...request)));
}
