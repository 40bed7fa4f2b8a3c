import * as z from 'zod';

/** What became of a case. Another outcome than `pixels` or an error's code is a fault. */
export const reportSchema = z.object({
  index: z.int(),
  name: z.string(),
  outcome: z.string(),
  /** Processor time of the decode and the resize, in milliseconds. */
  milliseconds: z.number(),
  /** The most memory that the process has had, in MB. */
  megabytes: z.number(),
});
export type CaseReport = z.infer<typeof reportSchema>;
