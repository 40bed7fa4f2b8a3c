/** A picture, and the label that the deployed model must give it: the build draws one and classifies it. */
export interface KnownPicture {
  readonly bytes: Uint8Array;
  readonly label: string;
}
