export interface ProblemType {
  readonly status: number;
  readonly title: string;
  /** What to do about it, where the code that reports it has nothing more precise to say. */
  readonly detail: string;
  /** The text that clients of the original Flask service read as `error`; the title by default. */
  readonly error?: string;
  /** Sent as `Retry-After`. */
  readonly retryAfterSeconds?: number;
}

/**
 * Every problem that this service answers with, by its stable code. The functions, API Gateway's own answers
 * (infra/constructs/gateway-responses.ts), the OpenAPI document, the typed client and the table in docs/api.md all follow from it.
 */
export const problemTypes = {
  invalid_parameter: {
    status: 400,
    title: 'A parameter is not valid',
    detail: 'GET /openapi.json lists the parameters and their values.',
  },
  invalid_body: {
    status: 400,
    title: 'The request body cannot be read',
    detail: 'The body is incomplete or malformed. Send it again.',
  },
  no_file_part: {
    status: 400,
    title: 'No image was sent',
    detail: 'Send the image as the multipart part "file", or as the body itself.',
    error: 'No file part',
  },
  several_files: {
    status: 400,
    title: 'More than one file was sent',
    detail: 'Send one image with each request.',
  },
  no_selected_file: {
    status: 400,
    title: 'No file was selected',
    detail: 'Choose a file before sending.',
    error: 'No selected file',
  },
  empty_file: { status: 400, title: 'The file is empty', detail: 'Choose a file with an image in it.' },
  malformed_request: {
    status: 400,
    title: 'The request is not valid HTTP',
    detail: 'The request cannot be read as HTTP/1.1. Check the client.',
  },
  unauthorized: {
    status: 401,
    title: 'An API key is needed',
    detail: 'Send the key as "Authorization: Bearer KEY" or "X-Api-Key: KEY".',
  },
  cross_site: {
    status: 403,
    title: 'Another site may not use this service',
    detail: 'The operator of the server can allow the pages of a site with ALLOWED_ORIGINS.',
  },
  request_refused: {
    status: 403,
    title: 'The request was refused',
    detail:
      'The request did not reach the service. If the service asks for signed requests, check the signature.',
  },
  not_found: {
    status: 404,
    title: 'There is nothing here',
    detail: 'No job has this id. It may have been deleted.',
  },
  method_not_allowed: {
    status: 405,
    title: 'This method is not allowed here',
    detail: 'The header Allow lists the methods of this address.',
  },
  request_timeout: {
    status: 408,
    title: 'The request took too long to arrive',
    detail: 'The request did not arrive in time. Send it again.',
  },
  gone: {
    status: 410,
    title: 'The job and its image are no longer kept',
    detail: 'Send the image again.',
  },
  upload_expired: {
    status: 410,
    title: 'No image arrived in time',
    detail: 'No image arrived before the upload form expired. Ask POST /uploads for a new form.',
  },
  image_too_large: {
    status: 413,
    title: 'The image has too many bytes',
    detail:
      'Send a smaller image. GET /model tells the limits; POST /uploads takes larger images than POST /predict.',
  },
  unsupported_image: {
    status: 415,
    title: 'The file is not an image this service reads',
    detail: 'Convert the image to one of the formats that GET /model lists.',
  },
  unsupported_variant: {
    status: 415,
    title: 'The image is of a kind this service does not read',
    detail: 'Save the image as PNG or JPEG and send that.',
  },
  expectation_failed: {
    status: 417,
    title: 'The Expect header asks for something unknown',
    detail: 'Expect takes 100-continue only. Leave it out.',
  },
  misdirected: {
    status: 421,
    title: 'This service does not answer for that host',
    detail: 'The operator of the server can allow a host name with ALLOWED_HOSTS.',
  },
  corrupt_image: {
    status: 422,
    title: 'The image is damaged or incomplete',
    detail: 'The image is damaged or incomplete: send it again or send another one.',
  },
  too_many_pixels: {
    status: 422,
    title: 'The image has too many pixels',
    detail: 'Send an image with fewer pixels. GET /model tells the limits.',
  },
  too_costly: {
    status: 422,
    title: 'The image takes too much work to read',
    detail: 'Reading the image takes too long. Save it again as a plain JPEG or PNG.',
  },
  image_missing: {
    status: 422,
    title: 'The image is no longer in storage',
    detail: 'The image is no longer in storage. Send it again.',
  },
  model_missing: {
    status: 422,
    title: 'The model is no longer there',
    detail: 'A model that the request named is no longer there. GET /models lists those that are.',
  },
  idempotency_key_reused: {
    status: 422,
    title: 'The idempotency key belongs to another request',
    detail: 'This Idempotency-Key was sent with another request before. Use a new key for each image.',
  },
  too_many_requests: {
    status: 429,
    title: 'Too many requests at once',
    detail: 'Send the request again after the seconds in the header Retry-After.',
    retryAfterSeconds: 1,
  },
  headers_too_large: {
    status: 431,
    title: 'The headers of the request are too large',
    detail: 'Send fewer or shorter headers.',
  },
  internal_error: {
    status: 500,
    title: 'Something went wrong here',
    detail: 'This is our fault, not yours. Try again in a moment.',
  },
  gave_up: {
    status: 503,
    title: 'The image could not be classified after several attempts',
    detail: 'The image could not be classified after several attempts. Send it again later.',
  },
  busy: {
    status: 503,
    title: 'The service is busy',
    detail:
      'Too many requests wait for their labels. Try again in 5 seconds, or send "Prefer: respond-async".',
    retryAfterSeconds: 5,
  },
  lost: {
    status: 503,
    title: 'The image was not classified in time',
    detail: 'The image was not classified in time. Send it again.',
  },
  storage_unwritable: {
    status: 503,
    title: 'The storage cannot be written',
    detail: 'The disk that holds DATA_DIR cannot be written. The service goes on by itself when it can.',
  },
  unavailable: {
    status: 503,
    title: 'A part of the service cannot be reached',
    detail: 'A part of the service does not answer at the moment. Try again in a few seconds.',
    retryAfterSeconds: 2,
  },
  storage_full: {
    status: 507,
    title: 'The storage is full',
    detail: 'The disk that holds DATA_DIR is full. Free some space; the service then goes on by itself.',
  },
} as const satisfies Record<string, ProblemType>;

export type ProblemCode = keyof typeof problemTypes;

/** The row of a code. */
export function problemType(code: ProblemCode): ProblemType {
  return problemTypes[code];
}

/** Every code, in the order of the table. */
export const problemCodes = Object.keys(problemTypes).filter(isProblemCode);

/** Whether a job's error code is one that `POST /predict` answers with. */
export function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(problemTypes, code);
}

/** A code with the table's words for it, as a job keeps its error. */
export function errorOf(code: ProblemCode) {
  return { code, detail: problemType(code).detail };
}

export interface ProblemOptions {
  readonly cause?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A failure with words for the client: `detail` says what to do. Thrown anywhere, answered as RFC 9457 problem details. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly detail: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: ProblemCode,
    detail: string = problemType(code).detail,
    { cause, headers = {} }: ProblemOptions = {},
  ) {
    super(detail, { cause });
    this.code = code;
    this.detail = detail;
    this.headers = headers;
  }
}
