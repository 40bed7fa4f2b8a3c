declare module 'dynalite' {
  import type { Server } from 'node:http';

  /** https://github.com/architect/dynalite: DynamoDB in memory. */
  export default function dynalite(options?: { readonly createTableMs?: number }): Server;
}
