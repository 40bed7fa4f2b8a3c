import { prices } from '../../aws/prices.ts';

export type Architecture = keyof typeof prices.gigabyteSecond;
const million = 1e6;

export interface Classifying {
  readonly architecture: Architecture;
  readonly memoryMb: number;
  /** For one image of a batch, waiting for S3 and DynamoDB included. */
  readonly milliseconds: number;
  readonly batchSize: number;
}

/** Dollars for a million images in the classify function. */
export function classifyCost({ architecture, memoryMb, milliseconds, batchSize }: Classifying): number {
  const gigabyteSeconds = (memoryMb / 1024) * (milliseconds / 1000);
  return million * (gigabyteSeconds * prices.gigabyteSecond[architecture] + prices.invocation / batchSize);
}

/** The same, written out. */
export function classifySum(given: Classifying): string {
  const { architecture, memoryMb, milliseconds, batchSize } = given;
  const price = prices.gigabyteSecond[architecture];
  return [
    `10⁶ × (${memoryMb} / 1024 GB × ${milliseconds.toFixed(1)} / 1000 s × $${price.toFixed(10)}`,
    `+ $0.0000002 / ${batchSize}) = $${classifyCost(given).toFixed(2)}`,
  ].join(' ');
}

export interface Way {
  readonly name: string;
  /** What it is made of, and dollars a million. */
  readonly lines: readonly (readonly [string, number])[];
}

export interface WayOptions {
  readonly architecture: Architecture;
  /** Of the upload function, and how long a `POST /predict` keeps it. */
  readonly httpMemoryMb: number;
  readonly predictMilliseconds: number;
  readonly shortMilliseconds: number;
  readonly batchSize: number;
  readonly logBytesPerImage: number;
  /** Kilobytes of a job when it is made, and when it is done. */
  readonly newJobKilobytes: number;
  readonly endedJobKilobytes: number;
}

/** What the upload function, the logs and a job's record are taken to be. */
export const assumed = {
  architecture: 'arm64',
  httpMemoryMb: 512,
  predictMilliseconds: 150,
  shortMilliseconds: 20,
  logBytesPerImage: 1000,
  newJobKilobytes: 1,
  endedJobKilobytes: 2,
} as const;

/** Everything but classifying, for a million images by each way in. */
export function ways(options: WayOptions): Way[] {
  const { architecture, httpMemoryMb, predictMilliseconds, shortMilliseconds, batchSize } = options;
  const http = (milliseconds: number) =>
    million *
    (prices.invocation + (httpMemoryMb / 1024) * (milliseconds / 1000) * prices.gigabyteSecond[architecture]);
  const writes = 2 * Math.ceil(options.newJobKilobytes) + Math.ceil(options.endedJobKilobytes);
  const common: [string, number][] = [
    ['S3: 1 PUT, 1 GET', million * (prices.put + prices.get)],
    [
      `SQS: 1 send, receive and delete by batches of ${batchSize}`,
      million * prices.queueRequest * (1 + 2 / batchSize),
    ],
    [`DynamoDB: ${writes} write units`, million * writes * prices.write],
    [
      "CloudWatch: the classify function's lines",
      (million * options.logBytesPerImage * prices.logGigabyte) / 1e9,
    ],
  ];
  return [
    {
      name: '`POST /predict`',
      lines: [
        ['API Gateway: 1 request', million * prices.restRequest],
        [`Lambda: upload for ${predictMilliseconds} ms`, http(predictMilliseconds)],
        ...common,
        ['DynamoDB: 4 read units', million * 4 * prices.read],
      ],
    },
    {
      name: '`POST /uploads`, form, one `GET /status`',
      lines: [
        ['API Gateway: 2 requests', 2 * million * prices.restRequest],
        [`Lambda: upload and status for ${shortMilliseconds} ms each`, 2 * http(shortMilliseconds)],
        ...common,
        ['DynamoDB: 2 read units', million * 2 * prices.read],
      ],
    },
  ];
}
