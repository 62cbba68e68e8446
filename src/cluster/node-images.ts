/** Which images are on which node, and since when: the first pod that needs one waits for the pull, later ones find it. */

import { epochMs, type DurationMs, type EpochMs } from '../core/time/time.ts';

export type ImagePull = { readonly image: string; readonly cold: DurationMs; readonly warm: DurationMs };

export class NodeImages {
  readonly #readyAt = new Map<string, Map<string, EpochMs>>();

  /** When the image is there for a pod that asks at `at`. A pull under way is shared. */
  fetched(nodeName: string, pull: ImagePull, at: EpochMs): EpochMs {
    const known = this.#readyAt.get(nodeName)?.get(pull.image);
    if (known !== undefined) return epochMs(Math.max(known, at + pull.warm));
    const ready = epochMs(at + pull.cold);
    this.note(nodeName, pull.image, ready);
    return ready;
  }

  /** The image is on the node from `at` on. */
  note(nodeName: string, image: string, at: EpochMs): void {
    const images = this.#readyAt.get(nodeName) ?? new Map<string, EpochMs>();
    images.set(image, epochMs(Math.min(at, images.get(image) ?? at)));
    this.#readyAt.set(nodeName, images);
  }

  /** The node is gone, and its disk with it. */
  forget(nodeName: string): void {
    this.#readyAt.delete(nodeName);
  }
}
