/** A short run made by hand, with everything the screen, the chart and the JSON document have to show. */

import { epochMs, type EpochMs } from '../../src/core/time/time.ts';
import type { DecisionRecord } from '../../src/ports/recorder.ts';
import type { ScenarioObserver, ScenarioResult, Series } from '../../src/sim/scenario-types.ts';

const START = epochMs(1_767_225_600_000);

export const at = (seconds: number): EpochMs => epochMs(START + seconds * 1000);

export const HPA_UP: DecisionRecord = {
  at: at(75.5),
  layer: 'hpa',
  controller: 'hpa-controller',
  object: { kind: 'HorizontalPodAutoscaler', namespace: 'default', name: 'web' },
  inputsDigest: '00000000000000aa',
  decision: { kind: 'scale', from: 1, to: 3, of: 'replicas' },
  reason: 'SuccessfulRescale',
  message: 'cpu is at 142 % of the requests and the target is 60 %, so 1 x 142 / 60 = 3 replicas',
  numbers: { usagePercent: 142, targetPercent: 60, readyPods: 1 },
};

export const HPA_FAIL: DecisionRecord = {
  ...HPA_UP,
  at: at(15),
  decision: { kind: 'fail' },
  reason: 'FailedGetResourceMetric',
  message: 'no metrics for any pod yet',
  numbers: {},
};

export const HPA_HOLD: DecisionRecord = {
  ...HPA_UP,
  at: at(90),
  decision: { kind: 'hold', at: 3, of: 'replicas' },
  reason: 'ScaleDownStabilized',
  message: 'recommendations of the last 300 s are higher',
};

export const RAY_UP: DecisionRecord = {
  at: at(62),
  layer: 'ray',
  controller: 'ray-autoscaler',
  object: { kind: 'RayCluster', namespace: 'ml', name: 'raycluster', part: 'small-group' },
  inputsDigest: '00000000000000bb',
  decision: { kind: 'scale', from: 0, to: 10, of: 'workers' },
  reason: 'LAUNCH',
  message: '30 x {CPU: 1} wait, one worker has 1 CPU, at most 10 are allowed',
  numbers: { pendingTasks: 30, maxWorkers: 10 },
};

export const NODE_UP: DecisionRecord = {
  at: at(63),
  layer: 'nodes',
  controller: 'node-provisioner',
  object: { kind: 'NodePool', namespace: '', name: 'default' },
  inputsDigest: '00000000000000cc',
  decision: { kind: 'scale', from: 1, to: 4, of: 'nodes' },
  reason: 'Provisioned',
  message: '10 pods do not fit: 3 nodes of s-4x-amd64-linux',
  numbers: { pendingPods: 10 },
};

const series: readonly Series[] = [
  {
    name: 'load of web',
    kind: 'load',
    unit: 'requests/s',
    points: [
      [at(0), 1.5],
      [at(60), 10],
      [at(120), 18],
      [at(600), 4],
      [at(660), 1.5],
    ],
  },
  {
    name: 'web',
    kind: 'replicas',
    unit: 'pods',
    points: [
      [at(0), 1],
      [at(75.5), 3],
      [at(135), 5],
      [at(900), 1],
    ],
  },
  {
    name: 'raycluster/small-group',
    kind: 'workers',
    unit: 'pods',
    points: [
      [at(0), 0],
      [at(62), 10],
      [at(300), 4],
      [at(330), 0],
    ],
  },
  {
    name: 'nodes',
    kind: 'nodes',
    unit: 'nodes',
    points: [
      [at(0), 0],
      [at(5), 1],
      [at(95), 4],
      [at(420), 1],
    ],
  },
];

export const RESULT: ScenarioResult = {
  startedAt: at(0),
  endedAt: at(1200),
  layers: [
    { layer: 'hpa', object: 'HPA web on Deployment web', first: 1, peak: 5, last: 1, unit: 'replicas' },
    {
      layer: 'ray',
      object: 'worker group small-group of RayCluster raycluster',
      first: 0,
      peak: 10,
      last: 0,
      unit: 'workers',
    },
    {
      layer: 'nodes',
      object: 'nodes',
      first: 0,
      peak: 4,
      last: 1,
      unit: 'nodes',
      note: 'default-1 holds the head and 1 replica',
    },
  ],
  expectations: [
    { name: 'HPA web: 1 -> 5 -> 1', held: true, detail: '1 -> 5 -> 1' },
    { name: 'no running task lost', held: true, detail: '30 finished, 0 lost' },
  ],
  unserved: [],
  rayAsks: [],
  decisions: [HPA_FAIL, RAY_UP, NODE_UP, HPA_UP, HPA_HOLD],
  series,
};

/** Tells an observer the run in its order. */
export function tell(observer: ScenarioObserver): void {
  observer.step(at(0), 'applied Deployment web, HorizontalPodAutoscaler web');
  observer.decision(HPA_FAIL);
  observer.decision({ ...HPA_FAIL, at: at(30) });
  observer.step(at(61), '30 tasks of 1 CPU, 60 s of work each, submitted to raycluster');
  observer.decision(RAY_UP);
  observer.decision(NODE_UP);
  observer.decision(HPA_UP);
  observer.decision(HPA_HOLD);
  observer.warning(at(91), 'ray-autoscaler: patch of raycluster was refused (422), planning again');
  observer.decision({ ...HPA_FAIL, at: at(105) });
  observer.step(at(3723), 'nothing changes any more');
}
