/** Where a clone keeps what it writes, unless settings name other folders. The package has its own: `pack/stand-ins/folders.ts`. */
export const folders = {
  /** Images and jobs. */
  data: '.cache/data',
  /** The downloaded and the built model. */
  model: '.cache/model',
  /** What backfills have done so far. */
  runs: '.cache/backfill',
};
