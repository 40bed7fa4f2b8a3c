import type { Classifier } from '../../layers/model/run/classifier.ts';
import type { LabelDocument } from '../shared/label-document.ts';
import type { Ports, StoredImage } from '../shared/ports.ts';
import type { DroppedObject } from './dropped-objects.ts';
import type { RunPart } from './run-part.ts';

/** What became of reading an object: its bytes; or it is no longer what the event spoke of; or it cannot be read, and why. */
export type ReadObject =
  | { readonly image: StoredImage }
  | { readonly gone: 'deleted' | 'overwritten' }
  | { readonly error: { readonly code: string; readonly detail: string } };

/** The buckets that images are dropped into. */
export interface DropStore {
  read(object: DroppedObject): Promise<ReadObject>;
}

/** A label document as it is stored; `tag` changes with each write. */
export interface StoredLabels {
  readonly document: LabelDocument;
  readonly tag: string;
  readonly place: LabelPlace;
}

/** Where label documents are kept, each under a key that follows from its image's. */
export interface LabelStore {
  read(object: DroppedObject): Promise<StoredLabels | undefined>;
  /**
   * Writes a document where `replaces` is still what is stored, or where nothing is stored and `replaces` is `undefined`. Resolves to where
   * it stands, or `undefined` where somebody else was faster.
   */
  write(
    object: DroppedObject,
    document: LabelDocument,
    replaces: string | undefined,
  ): Promise<LabelPlace | undefined>;
}

export interface LabelPlace {
  readonly bucket: string;
  readonly key: string;
}

/** What a run over many objects writes, and its messages. */
export interface RunStore {
  /** Overwrites what an earlier delivery of the part has written. */
  write(part: RunPart, documents: readonly LabelDocument[]): Promise<void>;
  isSplit(part: RunPart): Promise<boolean>;
  markSplit(part: RunPart): Promise<void>;
  send(part: RunPart): Promise<void>;
}

/** Told of each label document that is written, at least once. */
export interface Announcer {
  announce(document: LabelDocument, place: LabelPlace): Promise<void>;
}

export interface LabelPorts extends Pick<Ports, 'telemetry'> {
  readonly drops: DropStore;
  readonly labels: LabelStore;
  readonly runs: RunStore;
  readonly announcer: Announcer;
  readonly queue: Pick<Ports['queue'], 'changeVisibility'>;
  readonly classifier: Classifier;
  readonly settings: LabelSettings;
}

export interface LabelSettings {
  /** What becomes of objects whose names are not those of images: nothing, or a document that says why they have no labels. */
  readonly otherFiles: 'skip' | 'report';
  /** Everything under it is this service's own writing, in its own bucket. */
  readonly ownBucket: string;
}
