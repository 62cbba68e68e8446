/** What an HPA case's answer says of the controller's memory; `differences` leaves it out, since nobody outside sees it. */

import type { Answer } from '../conformance/hpa-differential-compare.ts';

/** What each sync leaves behind for the next ones, in storage order. */
export function memoryOf(answer: Answer): unknown {
  const syncs = (answer['syncs'] ?? []) as readonly Answer[]; // the form of an answer
  return syncs.map(({ step, at, key, recommendations, scaleUpEvents, scaleDownEvents, cacheLag }) => ({
    step,
    at,
    key,
    recommendations: recommendations ?? [],
    scaleUpEvents: scaleUpEvents ?? [],
    scaleDownEvents: scaleDownEvents ?? [],
    cacheLag: cacheLag ?? null,
  }));
}

/** Whether there was a pause of random length, after a conflict: then the times of the memory are not comparable. */
export function pausesAtRandom(answer: Answer): boolean {
  const syncs = (answer['syncs'] ?? []) as readonly { readonly scaleWrites?: readonly { readonly code: number }[] }[]; // as above
  return syncs.some(({ scaleWrites }) => (scaleWrites ?? []).some(({ code }) => code === 409));
}
