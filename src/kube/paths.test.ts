/** What messages call the subject of a path. */

import { expect, test } from 'vitest';
import { addressOfPath } from './paths.ts';

test.each([
  ['/apis/metrics.k8s.io/v1beta1/namespaces/n/pods', 'metrics.k8s.io', 'pods', ''],
  ['/apis/custom.metrics.k8s.io/v1beta2/namespaces/n/pods/*/qps', 'custom.metrics.k8s.io', 'pods', '*'],
  ['/apis/external.metrics.k8s.io/v1beta1/namespaces/n/queue%2Flength', 'external.metrics.k8s.io', 'queue/length', ''],
  ['/api/v1/namespaces/n/pods/p/log', '', 'pods', 'p'],
  ['/api/v1/namespaces/n', '', 'namespaces', 'n'],
  ['/api/v1/nodes/a%', '', 'nodes', 'a%'],
  ['/apis', '', '', ''],
  ['/apis/apps/v1', '', '', ''],
  ['/version', '', '', ''],
])('%s', (path, group, resource, name) => {
  expect(addressOfPath(path)).toEqual({ path, subject: { group, resource, name } });
});
