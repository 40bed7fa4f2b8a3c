/**
 * List prices in US dollars in us-east-1, from the AWS pricing pages as of November 2026 (docs/performance.md names them): S3 per
 * request, SQS per request, Lambda per GB-second on arm64 and per request.
 */
const prices = {
  s3Get: 0.0000004,
  s3Put: 0.000005,
  sqsRequest: 0.0000004,
  lambdaGbSecond: 0.0000133334,
} as const;

/** Of the classify function at its default memory, 1,769 MB: one photo, decoded, resized and classified. */
const gigabytes = 1.769 / 1.024;
const secondsForImage = 0.06;

/** What a run over so many objects costs, in dollars, without the storage of the images themselves. */
export function estimateCost(objects: number, objectsInPart = 50): number {
  const parts = Math.ceil(objects / objectsInPart);
  const images = objects * (prices.s3Get + secondsForImage * gigabytes * prices.lambdaGbSecond);
  // Sent ten at a time, received and deleted; a test whether the part was split, and the file of its labels.
  const messages = parts * (prices.sqsRequest * 3 + prices.s3Get + prices.s3Put);
  return images + messages;
}
