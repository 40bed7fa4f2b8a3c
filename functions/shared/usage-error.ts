/** A mistake in how a program was called or set; its message is all there is to say. */
export class UsageError extends Error {}
