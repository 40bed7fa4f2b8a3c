/** US dollars in us-east-1, without free tiers, as published on the pages named. */
export const prices = {
  /** https://aws.amazon.com/lambda/pricing/: per GB-second, and per invocation. */
  gigabyteSecond: { 'x86-64': 0.0000166667, arm64: 0.0000133334 },
  invocation: 0.2e-6,
  /** https://aws.amazon.com/api-gateway/pricing/: a REST API's request. */
  restRequest: 3.5e-6,
  /** https://aws.amazon.com/s3/pricing/ */
  put: 5e-6,
  get: 0.4e-6,
  /** https://aws.amazon.com/sqs/pricing/: a request to a standard queue, of up to 64 KB. */
  queueRequest: 0.4e-6,
  /** https://aws.amazon.com/dynamodb/pricing/on-demand/: a write of 1 KB, a consistent read of 4 KB. */
  write: 0.625e-6,
  read: 0.125e-6,
  /** https://aws.amazon.com/cloudwatch/pricing/: a GB of logs taken in. */
  logGigabyte: 0.5,
} as const;
