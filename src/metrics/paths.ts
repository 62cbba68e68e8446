/** Paths and parameters of the metrics APIs. */

import { pathSegmentProblems } from '../core/cluster/kinds/hpa-field-checks.ts';
import { KubeError } from '../ports/kube-api.ts';

/** `/apis/<group>/<version>/namespaces/<first>/<second>...`, each segment encoded. */
export function namespacedPath(groupVersion: string, segments: readonly string[]): string {
  return `/apis/${groupVersion}/namespaces/${segments.map(encodeURIComponent).join('/')}`;
}

/** Selectors that ask for everything are left out. Spec: HPA-20.6. */
export function selectorsIn(selectors: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(selectors).filter(([, selector]) => selector !== ''));
}

/** Throws for what cannot be a part of a path, so that it is refused before anything is sent. Source: client-go rest/request.go (v0.37.2). */
export function checkSegment(what: 'resource' | 'resource name' | 'subresource', segment: string): void {
  if (segment === '') throw refused(`${what} may not be empty`);
  const problems = pathSegmentProblems(segment);
  if (problems.length > 0) throw refused(`invalid ${what} ${JSON.stringify(segment)}: [${problems.join(' ')}]`);
}

function refused(message: string): KubeError {
  return new KubeError({ code: 400, reason: 'BadRequest', message });
}
