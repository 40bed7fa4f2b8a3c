import { prices } from '../../aws/prices.ts';

/** Of the label function at its default memory, 1,769 MB on arm64: one photo, decoded, resized and classified. */
const gigabytes = 1.769 / 1.024;
const secondsForImage = 0.06;

/** What a run over so many objects costs, in dollars, without the storage of the images themselves. */
export function estimateCost(objects: number, objectsInPart = 50): number {
  const parts = Math.ceil(objects / objectsInPart);
  const images = objects * (prices.get + secondsForImage * gigabytes * prices.gigabyteSecond.arm64);
  // Sent ten at a time, received and deleted; a test whether the part was split, and the file of its labels.
  const messages = parts * (prices.queueRequest * 3 + prices.get + prices.put);
  return images + messages;
}
