/** The limits of the HTTP API and of a job's life. Sizes in bytes, times in seconds unless the name says otherwise. */
export const limits = {
  /** An image sent with the request. API Gateway takes 10 MB and Lambda 6 MB, base64 and JSON around it included. */
  inlineImageBytes: 4 * 1024 * 1024,
  /** An image sent to storage by presigned form. */
  uploadedImageBytes: 25 * 1024 * 1024,
  /** Pixels of an image's first frame, and the longest side it may have. */
  imagePixels: 50_000_000,
  imageSide: 16_384,
  /** The longest an image's decoding may take. */
  decodeSeconds: 10,
  /** How long a presigned form is valid. */
  uploadFormSeconds: 15 * 60,
  /** How long after the form's expiry an upload's job may still be without an image before it reads as expired. */
  uploadGraceSeconds: 60 * 60,
  /** How long a job and its image are kept. */
  retentionSeconds: 24 * 60 * 60,
  /** How long a job past its retention still answers 410 rather than 404. */
  goneSeconds: 7 * 24 * 60 * 60,
  /** How often an image is tried before its job is given up. What a dependency's fault ends is no try. */
  maxTries: 5,
  /**
   * How often a message is delivered before the dead-letter queue takes it, the most that SQS allows. A delivery is no try: a
   * batch without time left and a dependency that fails give messages back untried.
   */
  maxReceives: 1000,
  /** The longest pause before a message that was given back is delivered again. */
  longestRetrySeconds: 60,
  /** How long storage, table or queue may fail without a job reading as lost. */
  outageSeconds: 10 * 60,
  /** How long a message stays hidden while it is worked on: six times the classify function's time-out, as AWS advises. */
  visibilitySeconds: 180,
  /** Added to the time that all tries and an outage take before a job counts as lost. */
  deadlineGraceSeconds: 60,
  /** Best classes kept with a job, and the largest `top`. */
  keptPredictions: 20,
  defaultTop: 3,
  /** `POST /predict` waits this long unless told otherwise, and never longer than `maxWaitSeconds`. */
  defaultWaitSeconds: 20,
  maxWaitSeconds: 25,
  /** Left over when a wait is cut to the time a function has left, for answering. */
  answerReserveSeconds: 2,
  /** API Gateway streams a response for at most 15 minutes; each stream holds a function for its whole length. */
  eventStreamSeconds: 5 * 60,
  heartbeatSeconds: 15,
} as const;

/** What the model may be handed: bytes of the file, pixels of the picture and the longest side. */
export const imageLimits = {
  bytes: limits.uploadedImageBytes,
  pixels: limits.imagePixels,
  side: limits.imageSide,
} as const;
