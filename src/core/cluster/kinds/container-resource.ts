/** Which resources a container may be measured by. */

import { keyProblems } from '../../selector/label-syntax.ts';

const OF_CONTAINERS: readonly string[] = ['cpu', 'memory', 'ephemeral-storage'];

/** Names without a domain that mean something somewhere: to containers, quotas or limits. */
const STANDARD: ReadonlySet<string> = new Set([
  ...OF_CONTAINERS,
  ...OF_CONTAINERS.flatMap((name) => [`requests.${name}`, `limits.${name}`]),
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'storage',
  'requests.storage',
  'services.nodeports',
  'services.loadbalancers',
]);

/** What is wrong with the name of a container's resource; empty when nothing is. Source: pkg/apis/core/validation (v1.37.2). */
export function containerResourceProblems(name: string): readonly string[] {
  const problems = [...keyProblems(name)];
  if (!name.includes('/')) {
    if (problems.length === 0 && !STANDARD.has(name) && !/^(requests\.)?hugepages-/.test(name))
      problems.push('must be a standard resource type or fully qualified');
    if (!OF_CONTAINERS.includes(name) && !name.startsWith('hugepages-'))
      problems.push('must be a standard resource for containers');
  } else if (!name.includes('kubernetes.io/') && !isExtended(name)) {
    problems.push("doesn't follow extended resource name standard");
  }
  return problems;
}

function isExtended(name: string): boolean {
  return !name.startsWith('requests.') && keyProblems(`requests.${name}`).length === 0;
}
