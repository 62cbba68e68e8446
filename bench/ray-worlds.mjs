// The worlds of the Ray scheduler's bench: workers of {CPU: 8, memory: 32 GiB} and pending demands, as inputs of `schedule`.

const GIB = 1024 ** 3;

/** `nodes` x `requests` of one kind; see WORLDS. The same input as ../shared/oracles/ray/bench.py makes, where that has the kind. */
function world(nodes, requests, kind, options = {}) {
  const { groups = 1, varied = false, ragged = false, selectors = false } = options;
  const freeCpus = (i) =>
    ['full', 'gangs', 'distinct', 'quiet'].includes(kind) ? 0 : kind === 'spread' ? 8 : [0, 2, 4, 6][i % 4];
  const instances = Array.from({ length: nodes }, (_, i) => {
    const free = freeCpus(i);
    const own = [[`node:10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, 1]];
    if (varied) own.unshift(['object_store_memory', 9 * GIB + i * 4096]);
    return {
      instanceId: `i-${i}`,
      cloudInstanceId: `c-${i}`,
      instanceType: typeName(i % groups),
      status: 'RAY_RUNNING',
      nodeKind: 'WORKER',
      launchConfigHash: '',
      nodeId: i.toString(16).padStart(56, '0'),
      rayNode: {
        totalResources: [['CPU', 8], ['memory', 32 * GIB], ...own],
        availableResources: [
          ...(free > 0 ? [['CPU', free]] : []),
          ['memory', 32 * GIB - (ragged ? (i + 1) * 2 ** 20 : 0)],
          ...own,
        ],
        labels: varied ? { 'ray.io/node-id': `n${i}`, zone: `z${i % 3}` } : {},
        dynamicLabels: {},
        idleDurationMs: 0,
      },
    };
  });
  const nodeTypes = Array.from({ length: groups }, (_, g) => ({
    name: typeName(g),
    minWorkerNodes: 0,
    maxWorkerNodes: nodes + requests,
    priority: 0,
    resources: [
      ['CPU', 8],
      ['memory', 32 * GIB],
    ],
    labels: varied ? { zone: `z${g % 3}` } : {},
    launchConfigHash: '',
  }));
  const gangs = ['gangs', 'gangs-partial', 'spread'].includes(kind);
  return {
    nodeTypes,
    maxNumNodes: nodes + requests,
    idleTimeout: { seconds: 60, text: '60' },
    pendingIdleTimeout: undefined,
    launchConfigCheck: 'off',
    gpuNodes: 'conserve',
    resourceRequests: gangs || kind === 'quiet' ? [] : demandsOf(requests, kind, selectors),
    gangRequests: gangs ? Array.from({ length: requests }, (_, k) => gangOf(k, kind)) : [],
    clusterConstraints: [],
    instances,
    availabilities: { cloud: new Map(), recoverable: new Map() },
    inPlaceResize: undefined,
    monotonicS: 1000,
    state: { pendingUnneededSinceS: new Map() },
  };
}

function typeName(group) {
  return group === 0 ? 'worker' : `worker-${group}`;
}

function demandsOf(requests, kind, selectors) {
  const shapes = { mixed: 20, fifty: 50, distinct: requests }[kind] ?? 1;
  return Array.from({ length: shapes }, (_, k) => ({
    request: {
      resourcesBundle:
        shapes === 1
          ? [['CPU', 2]]
          : [
              ['CPU', 2],
              ['memory', (k + 1) * 2 ** 20],
            ],
      placementConstraints: [],
      labelSelectors: selectors ? [[{ key: 'zone', operator: 'IN', values: [`z${k % 3}`] }], []] : [],
    },
    count: Math.floor(requests / shapes) + (k < requests % shapes ? 1 : 0),
  }));
}

function gangOf(k, kind) {
  const id = k.toString(16).padStart(36, '0');
  const spread = kind === 'spread';
  const request = {
    resourcesBundle: [['CPU', spread ? 1 : 2]],
    placementConstraints: spread ? [{ antiAffinity: { labelName: `_PG_${id}`, labelValue: '' } }] : [],
    labelSelectors: [],
  };
  const requests = Array.from({ length: spread ? 8 : 4 }, () => structuredClone(request));
  return { details: `${id}:${spread ? 'STRICT_SPREAD' : 'PACK'}|PENDING`, requests, bundleSelectors: [] };
}

/** Name, what it is, and the goal in milliseconds on one core; worlds without a goal guard against falling back to single nodes. */
export const WORLDS = [
  { name: 'full', goalMs: 25, make: () => world(1337, 13315, 'full') },
  { name: 'partial', goalMs: 50, make: () => world(1337, 13315, 'partial') },
  { name: 'mixed', goalMs: 80, make: () => world(1337, 13315, 'mixed') },
  { name: 'distinct', goalMs: 700, make: () => world(1337, 13315, 'distinct') },
  { name: 'spread-100', goalMs: 60, make: () => world(500, 100, 'spread') },
  { name: 'spread-500', goalMs: 200, make: () => world(500, 500, 'spread') },
  { name: 'gangs-full', goalMs: undefined, make: () => world(1337, 300, 'gangs') },
  { name: 'gangs-partial', goalMs: 200, make: () => world(1337, 300, 'gangs-partial') },
  { name: 'big-fifty', goalMs: 1000, make: () => world(10000, 100000, 'fifty') },
  { name: 'quiet', goalMs: 5, make: () => world(1337, 0, 'quiet') },
  { name: 'varied', goalMs: undefined, make: () => world(1337, 13315, 'mixed', { varied: true }) },
  {
    name: 'varied-20-groups',
    goalMs: undefined,
    make: () => world(1337, 13315, 'mixed', { varied: true, groups: 20 }),
  },
  {
    name: 'varied-selectors',
    goalMs: undefined,
    make: () => world(1337, 13315, 'mixed', { varied: true, selectors: true }),
  },
  { name: 'varied-gangs', goalMs: undefined, make: () => world(1337, 300, 'gangs-partial', { varied: true }) },
  { name: 'ragged', goalMs: undefined, make: () => world(1337, 13315, 'mixed', { ragged: true }) },
  { name: 'ragged-gangs', goalMs: undefined, make: () => world(1337, 300, 'gangs-partial', { ragged: true }) },
  { name: 'ragged-big', goalMs: undefined, make: () => world(10000, 100000, 'fifty', { ragged: true }) },
];
