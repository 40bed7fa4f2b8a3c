/** The weights file cannot be used; the message is one sentence that names the file and says what is wrong with it. */
export class WeightsError extends Error {
  override readonly name = 'WeightsError';
}

/** A person's own model cannot be served; the message is one sentence that names the file and says what to do. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
}
