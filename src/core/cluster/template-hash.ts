/** The name a pod template gets from its content, and the comparison that the name stands for. */

import { canonicalJson, deepEqual } from '../../lib/json.ts';
import { hash32 } from '../../lib/random.ts';
import type { PodTemplate } from '../kube/core-v1.ts';

/** The label that keeps the pods of one template apart from those of another. */
export const POD_TEMPLATE_HASH = 'pod-template-hash';

/** Letters and digits in which no word and no confusion can be spelled. Source: apimachinery pkg/util/rand/rand.go (v0.37.2). */
const SAFE_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/**
 * The value of the label `pod-template-hash`: equal for equal templates, whatever the order of their members.
 * **Differs:** the original hashes Go's dump of the struct, which nobody else can make; only the form of the text is the same.
 * Source: pkg/controller/controller_utils.go ComputeHash (v1.37.2).
 */
export function templateHash(template: PodTemplate, collisionCount: number): string {
  const text = canonicalJson(template) + (collisionCount === 0 ? '' : `/${collisionCount}`);
  return String(hash32(text)).replace(/[0-9]/g, (digit) =>
    SAFE_ALPHABET.charAt(digit.charCodeAt(0) % SAFE_ALPHABET.length),
  );
}

/** Same template, the hash label left aside. Source: deployment_util.go EqualIgnoreHash (v1.37.2). */
export function sameTemplate(a: PodTemplate, b: PodTemplate): boolean {
  return deepEqual(withoutHash(a), withoutHash(b));
}

function withoutHash(template: PodTemplate): PodTemplate {
  const { [POD_TEMPLATE_HASH]: _, ...labels } = template.metadata?.labels ?? {};
  return { ...template, metadata: { ...template.metadata, labels } };
}

/** The template as its ReplicaSet has it: labelled with its hash. */
export function withHash(template: PodTemplate, hash: string): PodTemplate {
  const labels = { ...template.metadata?.labels, [POD_TEMPLATE_HASH]: hash };
  return { ...template, metadata: { ...template.metadata, labels } };
}
