/** Names of the metrics the functions write; alarms and the dashboard read the same. */
export const metrics = {
  images: 'Images',
  createdToEnded: 'CreatedToEnded',
  /** From the image's arrival in storage: the time a client takes before it uploads is no part of it. */
  storedToEnded: 'StoredToEnded',
  decode: 'Decode',
  network: 'Network',
  jobsGivenUp: 'JobsGivenUp',
  messagesUnreadable: 'MessagesUnreadable',
  /** What a version of a function failed at: its requests answered with 5xx, its messages to be tried again. */
  failures: 'Failures',
  canary: 'Canary',
  /** Objects that were put into storage without a job, by what became of them. */
  drops: 'Drops',
} as const;
