/** Themes of how far and how fast: zero, behavior, and two HPAs on one set of pods. */

import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerSpec, MetricSpec } from '../../src/core/kube/hpa.ts';
import type { MetricRule } from './bed/bed.ts';
import type { Theme } from './hpa-themes.ts';
import { deployment, depthPerPod, HELD_DOWN, HELD_UP, hpa, passing, READY, rest } from './hpa-themes-objects.ts';

const depth = (value: string): readonly MetricRule[] => [{ metric: 'depth', external: { queue: 'a' }, value }];
const PER_POD: readonly MetricSpec[] = [depthPerPod('10')];

/** Two pods within three seconds, then the next two; down by half within three seconds, at once. */
const PACED: HorizontalPodAutoscalerSpec['behavior'] = {
  scaleUp: {
    policies: [
      { type: 'Pods', value: 2, periodSeconds: 3 },
      { type: 'Percent', value: 50, periodSeconds: 3 },
    ],
  },
  scaleDown: { stabilizationWindowSeconds: 0, policies: [{ type: 'Percent', value: 50, periodSeconds: 3 }] },
};
/** The smaller of two policies, once all of six seconds asked for it; never down. */
const FROZEN: HorizontalPodAutoscalerSpec['behavior'] = {
  scaleUp: {
    stabilizationWindowSeconds: 6,
    selectPolicy: 'Min',
    policies: [
      { type: 'Pods', value: 2, periodSeconds: 600 },
      { type: 'Percent', value: 900, periodSeconds: 600 },
    ],
  },
  scaleDown: { selectPolicy: 'Disabled' },
};
/** Half too many is not too many; down there is no tolerance, and a window of its own. */
const TOLERANT: HorizontalPodAutoscalerSpec['behavior'] = {
  scaleUp: { tolerance: '0.5' },
  scaleDown: { tolerance: '0', stabilizationWindowSeconds: 8 },
};

export const LIMIT_THEMES: readonly Theme[] = [
  {
    name: 'zero',
    objects: [deployment('web')],
    before: { metrics: depth('10') },
    hpas: [hpa('web', PER_POD, { minReplicas: 0 })],
    steps: [
      { inputs: {}, rests: [rest('web', 'quiet', '1 of 1 replicas', 'external depth at 10', READY)] },
      {
        inputs: { metrics: depth('0') },
        rests: [
          passing('web', 'held back', '1 of 1 replicas', 'external depth at 0', HELD_DOWN),
          rest('web', 'at zero', '0 of 0 replicas', READY, 'ScaledToZero=True'),
        ],
      },
      {
        inputs: { metrics: depth('20') },
        rests: [rest('web', 'from zero', '2 of 2 replicas', 'external depth at 10', READY, 'ScaledToZero=False')],
      },
      {
        inputs: { scale: { object: 'deployment/web', replicas: 0 } },
        rests: [rest('web', 'zero by hand', '0 of 0 replicas', 'ScalingActive=False ScalingDisabled')],
      },
      {
        inputs: { scale: { object: 'deployment/web', replicas: 1 } },
        rests: [rest('web', 'one by hand', '2 of 2 replicas', READY, 'ScalingActive=True')],
      },
    ],
  },
  {
    name: 'behavior',
    objects: [deployment('paced'), deployment('frozen'), deployment('tolerant')],
    before: { metrics: depth('10') },
    hpas: [
      hpa('paced', PER_POD, { behavior: PACED }),
      hpa('frozen', PER_POD, { behavior: FROZEN }),
      hpa('tolerant', PER_POD, { behavior: TOLERANT }),
    ],
    steps: [
      {
        inputs: {},
        rests: ['paced', 'frozen', 'tolerant'].map((name) =>
          rest(name, 'quiet', '1 of 1 replicas', 'external depth at 10', READY),
        ),
      },
      {
        inputs: { metrics: depth('15') },
        rests: [
          passing('frozen', 'not at once', '1 of 1 replicas', 'external depth at 15', HELD_UP),
          rest('paced', 'to two', '2 of 2 replicas', 'external depth at 7500m', READY),
          rest('frozen', 'to two', '2 of 2 replicas', 'external depth at 7500m', READY),
          rest('tolerant', 'stays', '1 of 1 replicas', 'external depth at 15', READY),
        ],
      },
      {
        inputs: { metrics: depth('60') },
        rests: [
          rest('paced', 'to the maximum', '5 of 5 replicas', 'external depth at 12', READY),
          rest('frozen', 'as far as the period allows', '3 of 3 replicas', 'external depth at 20', 'ScaleUpLimit'),
          rest('tolerant', 'to the maximum', '5 of 5 replicas', 'external depth at 12', READY),
        ],
      },
      {
        inputs: { metrics: depth('10') },
        rests: [
          passing('tolerant', 'held back', '5 of 5 replicas', 'external depth at 2', HELD_DOWN),
          rest('paced', 'down by halves', '1 of 1 replicas', 'external depth at 10', READY),
          rest('frozen', 'not down', '3 of 3 replicas', 'external depth at 3334m', READY, 'ScaleDownLimit'),
          rest('tolerant', 'to one', '1 of 1 replicas', 'external depth at 10', READY),
        ],
      },
    ],
  },
  {
    name: 'rivals',
    objects: [deployment('web', 2)],
    before: { metrics: depth('20') },
    hpas: [rival('first')],
    steps: [
      { inputs: {}, rests: [rest('first', 'alone', '2 of 2 replicas', 'external depth at 10', READY)] },
      {
        inputs: { apply: [rival('second')] },
        rests: ['first', 'second'].map((name) =>
          rest(name, 'two claim the pods', 'ScalingActive=False AmbiguousSelector'),
        ),
      },
      {
        inputs: { metrics: depth('40'), remove: 'horizontalpodautoscaler/second' },
        rests: [rest('first', 'alone again', '4 of 4 replicas', 'external depth at 10', READY)],
      },
    ],
  },
];

function rival(name: string): HorizontalPodAutoscaler {
  return hpa(name, PER_POD, { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } });
}
