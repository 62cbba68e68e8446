import { expect, test } from 'vitest';
import { at, HPA_UP, RESULT } from '../../../test/support/sample-run.ts';
import type { RayAskOutcome } from '../../sim/scenario-types.ts';
import { toJsonDocument, type DocumentContext } from './json.ts';

const CONTEXT: DocumentContext = {
  input: 'manifests',
  objects: [{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' } }],
  load: 'built-in',
  rayLoad: undefined,
  seed: 7,
};

test('the document, to the byte', () => {
  expect(toJsonDocument(RESULT, CONTEXT)).toMatchInlineSnapshot(`
    "{
      "format": "tandem-demo/1",
      "scenario": {"input":"manifests","objects":["Deployment web"],"load":"built-in","seed":7},
      "held": true,
      "virtualSeconds": 1200,
      "layers": [
        {"layer":"hpa","object":"HPA web on Deployment web","first":1,"peak":5,"last":1,"unit":"replicas"},
        {"layer":"ray","object":"worker group small-group of RayCluster raycluster","first":0,"peak":10,"last":0,"unit":"workers"},
        {"layer":"nodes","object":"nodes","first":0,"peak":4,"last":1,"unit":"nodes","note":"default-1 holds the head and 1 replica"}
      ],
      "expectations": [
        {"name":"HPA web: 1 -> 5 -> 1","held":true,"detail":"1 -> 5 -> 1"},
        {"name":"no running task lost","held":true,"detail":"30 finished, 0 lost"}
      ],
      "unserved": [],
      "decisions": [
        {"atSeconds":15,"layer":"hpa","controller":"hpa-controller","object":{"kind":"HorizontalPodAutoscaler","namespace":"default","name":"web"},"decision":{"kind":"fail"},"reason":"FailedGetResourceMetric","message":"no metrics for any pod yet","numbers":{},"inputsDigest":"00000000000000aa"},
        {"atSeconds":62,"layer":"ray","controller":"ray-autoscaler","object":{"kind":"RayCluster","namespace":"ml","name":"raycluster","part":"small-group"},"decision":{"kind":"scale","from":0,"to":10,"of":"workers"},"reason":"LAUNCH","message":"30 x {CPU: 1} wait, one worker has 1 CPU, at most 10 are allowed","numbers":{"maxWorkers":10,"pendingTasks":30},"inputsDigest":"00000000000000bb"},
        {"atSeconds":63,"layer":"nodes","controller":"node-provisioner","object":{"kind":"NodePool","namespace":"","name":"default"},"decision":{"kind":"scale","from":1,"to":4,"of":"nodes"},"reason":"Provisioned","message":"10 pods do not fit: 3 nodes of s-4x-amd64-linux","numbers":{"pendingPods":10},"inputsDigest":"00000000000000cc"},
        {"atSeconds":75.5,"layer":"hpa","controller":"hpa-controller","object":{"kind":"HorizontalPodAutoscaler","namespace":"default","name":"web"},"decision":{"kind":"scale","from":1,"to":3,"of":"replicas"},"reason":"SuccessfulRescale","message":"cpu is at 142 % of the requests and the target is 60 %, so 1 x 142 / 60 = 3 replicas","numbers":{"readyPods":1,"targetPercent":60,"usagePercent":142},"inputsDigest":"00000000000000aa"},
        {"atSeconds":90,"layer":"hpa","controller":"hpa-controller","object":{"kind":"HorizontalPodAutoscaler","namespace":"default","name":"web"},"decision":{"kind":"hold","at":3,"of":"replicas"},"reason":"ScaleDownStabilized","message":"recommendations of the last 300 s are higher","numbers":{"readyPods":1,"targetPercent":60,"usagePercent":142},"inputsDigest":"00000000000000aa"}
      ],
      "series": [
        {"name":"load of web","kind":"load","unit":"requests/s","points":[[0,1.5],[60,10],[120,18],[600,4],[660,1.5]]},
        {"name":"web","kind":"replicas","unit":"pods","points":[[0,1],[75.5,3],[135,5],[900,1]]},
        {"name":"raycluster/small-group","kind":"workers","unit":"pods","points":[[0,0],[62,10],[300,4],[330,0]]},
        {"name":"nodes","kind":"nodes","unit":"nodes","points":[[0,0],[5,1],[95,4],[420,1]]}
      ]
    }
    "
  `);
});

test('is one JSON value, and the same whatever order the numbers came in', () => {
  const text = toJsonDocument(RESULT, CONTEXT);
  expect(JSON.parse(text)).toMatchObject({ held: true, virtualSeconds: 1200 });
  const numbers = Object.fromEntries(Object.entries(HPA_UP.numbers).toReversed());
  const shuffled = RESULT.decisions.map((record) => (record === HPA_UP ? { ...record, numbers } : record));
  expect(toJsonDocument({ ...RESULT, decisions: shuffled }, CONTEXT)).toBe(text);
});

test('what did not come about has a place of its own', () => {
  const unserved = [{ object: 'HPA web on Deployment web', problem: 'never got a number', reason: 'no request' }];
  expect(JSON.parse(toJsonDocument({ ...RESULT, unserved }, CONTEXT))).toMatchObject({ held: true, unserved });
});

test('what Ray was asked for by a load that was given: groups by name, floors, times in seconds, what never came left out', () => {
  const common = { cluster: { namespace: 'ml', name: 'raycluster' }, askedAt: at(90), endedAt: undefined };
  const rayAsks: readonly RayAskOutcome[] = [
    {
      ...common,
      ask: {
        kind: 'placement-group',
        name: 'trainers',
        strategy: 'PACK',
        bundles: [[['CPU', 1]], [['GPU', 0.5]]],
        seconds: 60,
        inside: undefined,
      },
      groupId: 'ab',
      metAt: at(95.5),
      endedAt: at(155.5),
      nodes: 2,
    },
    {
      ...common,
      ask: { kind: 'request-resources', bundles: [[['CPU', 1]]] },
      groupId: '',
      metAt: undefined,
      nodes: 0,
    },
  ];
  const text = toJsonDocument({ ...RESULT, rayAsks }, { ...CONTEXT, rayLoad: 'load.yaml' });
  const parsed = JSON.parse(text) as { readonly rayAsks: unknown; readonly scenario: unknown };
  expect(parsed.scenario).toMatchObject({ load: 'built-in', rayLoad: 'load.yaml' });
  const cluster = { namespace: 'ml', name: 'raycluster' };
  expect(parsed.rayAsks).toEqual([
    {
      cluster,
      kind: 'placement-group',
      name: 'trainers',
      strategy: 'PACK',
      bundles: [{ CPU: 1 }, { GPU: 0.5 }],
      askedAtSeconds: 90,
      metAtSeconds: 95.5,
      endedAtSeconds: 155.5,
      nodes: 2,
    },
    { cluster, kind: 'request-resources', bundles: [{ CPU: 1 }], askedAtSeconds: 90 },
  ]);
});

test('a run in which nothing happened', () => {
  const empty = {
    startedAt: at(0),
    endedAt: at(0),
    layers: [],
    expectations: [],
    unserved: [],
    rayAsks: [],
    decisions: [],
    series: [],
  };
  expect(JSON.parse(toJsonDocument(empty, CONTEXT))).toMatchObject({ held: true, decisions: [], virtualSeconds: 0 });
});
