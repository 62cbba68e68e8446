/** What the operator refuses with an event (kuberay 1.1, 2.12). */

import { expect, test } from 'vitest';
import { rayCluster } from '../../../test/support/ray-and-nodes.ts';
import type { RayCluster } from '../kube/ray.ts';
import { checkRayCluster } from './ray-cluster-rules.ts';

const METADATA = 'InvalidRayClusterMetadata';
const SPEC = 'InvalidRayClusterSpec';

const rows: readonly { name: string; cluster: RayCluster; want: string | undefined }[] = [
  { name: 'a plain cluster', cluster: rayCluster(), want: undefined },
  { name: 'a name of 53 characters', cluster: rayCluster({}, {}, 'c'.repeat(53)), want: undefined },
  { name: 'a name of 54 characters', cluster: rayCluster({}, {}, 'c'.repeat(54)), want: METADATA },
  { name: 'a name that starts with a digit', cluster: rayCluster({}, {}, '1ray'), want: METADATA },
  { name: 'a name with a dot', cluster: rayCluster({}, {}, 'my.ray'), want: METADATA },
  {
    name: 'a group name of 76 characters, which nobody checks',
    cluster: rayCluster({ groupName: 'g'.repeat(76) }),
    want: undefined,
  },
  { name: 'a group without containers', cluster: rayCluster({ template: { spec: { containers: [] } } }), want: SPEC },
  { name: 'a negative minimum', cluster: rayCluster({ minReplicas: -1 }), want: SPEC },
  { name: 'a minimum above the maximum', cluster: rayCluster({ minReplicas: 3, maxReplicas: 2 }), want: SPEC },
  { name: 'replicas above the maximum, which are clamped', cluster: rayCluster({ replicas: 30 }), want: undefined },
  { name: 'a suspended group with autoscaling', cluster: rayCluster({ suspend: true }), want: SPEC },
  {
    name: 'a suspended group without autoscaling',
    cluster: rayCluster({ suspend: true }, { enableInTreeAutoscaling: false }),
    want: undefined,
  },
  {
    name: 'an idle timeout of a group without explicit v2',
    cluster: rayCluster({ idleTimeoutSeconds: 10 }),
    want: SPEC,
  },
  {
    name: 'an idle timeout of a group with explicit v2',
    cluster: rayCluster({ idleTimeoutSeconds: 10 }, { autoscalerOptions: { version: 'v2' } }),
    want: undefined,
  },
  {
    name: 'a priority under Ray 2.55',
    cluster: rayCluster({ priority: 1 }, { rayVersion: '2.55.1', autoscalerOptions: { version: 'v2' } }),
    want: SPEC,
  },
  {
    name: 'a priority under Ray 2.56',
    cluster: rayCluster({ priority: 1 }, { rayVersion: '2.56.0', autoscalerOptions: { version: 'v2' } }),
    want: undefined,
  },
  {
    name: 'Ray resources in two places',
    cluster: rayCluster({ resources: { CPU: '1' }, rayStartParams: { 'num-cpus': '1' } }),
    want: SPEC,
  },
  { name: 'labels as a start parameter', cluster: rayCluster({ rayStartParams: { labels: 'a=b' } }), want: SPEC },
  { name: 'a label that is none', cluster: rayCluster({ labels: { 'a b': 'c' } }), want: SPEC },
  {
    name: 'v2 with restartPolicy Always',
    cluster: rayCluster(
      { template: { spec: { containers: [{ name: 'w' }], restartPolicy: 'Always' } } },
      { autoscalerOptions: { version: 'v2' } },
    ),
    want: SPEC,
  },
  {
    name: 'a negative idle timeout',
    cluster: rayCluster({}, { autoscalerOptions: { idleTimeoutSeconds: -1 } }),
    want: SPEC,
  },
];

test.each(rows)('$name', ({ cluster, want }) => {
  const refusal = checkRayCluster(cluster);
  expect(refusal?.reason).toBe(want);
  if (refusal !== undefined) expect(refusal.message).not.toBe('');
});
