// Times this controller in one world.
//   node bench/hpa/ours.mjs LAYER HPAS PODS_PER_HPA one|each ROUNDS ENOUGH_MS CLOCK
// TANDEM_BENCH_DIST: another build than dist/.

import { pathToFileURL } from 'node:url';
import { tell, timeRounds } from '../measure/rounds.mjs';

const [layer, hpasText, podsText, namespaces, roundsText, enoughText, clock] = process.argv.slice(2);
const size = { hpas: Number(hpasText), pods: Number(podsText), namespaces };
const given = process.env.TANDEM_BENCH_DIST;
const dist = given === undefined ? new URL('../../dist/', import.meta.url) : pathToFileURL(`${given}/`);
const from = (file) => import(new URL(file, dist));

const START = Date.parse('2026-03-01T00:00:00Z');
const PERIOD_MS = 15_000;
const at = (seconds) => new Date(START + seconds * 1000).toISOString().replace('.000', '');
const [BEGAN, SCRAPED] = [at(-3600), at(-15)];

const DIGITS = 5;
const ZEROS = '0'.repeat(DIGITS);
const paddedOf = (i) => String(i).padStart(DIGITS, '0');
const appOf = (i) => `app-${paddedOf(i)}`;
const namespaceOf = (i) => (size.namespaces === 'one' ? 'default' : `ns-${paddedOf(i)}`);

function podOf(i, k) {
  const app = appOf(i);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `${app}-${k}`, namespace: namespaceOf(i), labels: { app }, resourceVersion: '1' },
    spec: { containers: [{ name: 'c', image: 'app', resources: { requests: { cpu: '100m', memory: '128Mi' } } }] },
    status: {
      phase: 'Running',
      startTime: BEGAN,
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: BEGAN }],
    },
  };
}

/** Every pod uses 60m of its 100m: on target, nothing moves. */
function podMetricsText(i) {
  const items = [];
  for (let k = 0; k < size.pods; k++) {
    const metadata = `{"name":"${appOf(i)}-${k}","namespace":"${namespaceOf(i)}","creationTimestamp":"${SCRAPED}","labels":{"app":"${appOf(i)}"}}`;
    const usage = '{"cpu":"60m","memory":"65536Ki"}';
    items.push(
      `{"metadata":${metadata},"timestamp":"${SCRAPED}","window":"30.046s","containers":[{"name":"c","usage":${usage}}]}`,
    );
  }
  return `{"kind":"PodMetricsList","apiVersion":"metrics.k8s.io/v1beta1","metadata":{},"items":[${items.join(',')}]}`;
}

function hpaOf(i) {
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: appOf(i), namespace: namespaceOf(i), uid: `uid-${i}`, generation: 1, resourceVersion: '1' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: appOf(i) },
      minReplicas: 1,
      maxReplicas: 20_000,
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } } },
      ],
    },
  };
}

function scaleOf(i) {
  return {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name: appOf(i), namespace: namespaceOf(i), resourceVersion: '1' },
    spec: { replicas: size.pods },
    status: { replicas: size.pods, selector: `app=${appOf(i)}` },
  };
}

const each = (make) => Array.from({ length: size.hpas }, (_, i) => make(i));

/** What the API would answer, ready to be handed over (`core`), or as JSON that is read and written on the way (`clients`, `decode`). */
async function answersOf() {
  const { ResourceMetrics } = await from('metrics/resource-metrics.js');
  const { readList } = await from('kube/list-stream.js');
  const { scaleIn, objectIn } = await from('kube/objects.js');
  const { HORIZONTAL_POD_AUTOSCALERS } = await from('core/kube/resource.js');
  const signal = new AbortController().signal;
  if (layer === 'core') {
    const scales = each(scaleOf);
    const metrics = each((i) => JSON.parse(podMetricsText(i)).items);
    return { scale: (i) => scales[i], metrics: (i) => metrics[i], status: (_i, hpa) => hpa };
  }
  const scales = each((i) => JSON.stringify(scaleOf(i)));
  const texts = layer === 'decode' ? undefined : each((i) => Buffer.from(podMetricsText(i)));
  const retold = texts === undefined ? retelling() : undefined;
  const reader = (i) =>
    new ResourceMetrics({
      get: async () => {
        const bytes = texts === undefined ? retold(i) : texts[i];
        const items = [];
        const rest = await readList(pieces(bytes), { maxBytes: 2 ** 24, take: (some) => items.push(...some) });
        return { ...rest, items };
      },
    });
  return {
    scale: (i) => (layer === 'decode' ? scaleOf(i) : scaleIn(JSON.parse(scales[i]))),
    metrics: (i) =>
      reader(i).listPodMetrics({ namespace: namespaceOf(i), labelSelector: `app=${appOf(i)}` }, { signal }),
    status: (_i, hpa) =>
      layer === 'decode' ? hpa : objectIn(HORIZONTAL_POD_AUTOSCALERS, JSON.parse(JSON.stringify(hpa))),
  };
}

/** The list of one app with the names of another, written over it: making a million texts would be what is measured. */
function retelling() {
  const bytes = Buffer.from(podMetricsText(0));
  const digits = [];
  const mark = `-${ZEROS}`;
  for (let found = bytes.indexOf(mark); found !== -1; found = bytes.indexOf(mark, found + 1)) digits.push(found + 1);
  return (i) => {
    const copy = Buffer.from(bytes);
    const number = paddedOf(i);
    for (const place of digits) copy.write(number, place, 'latin1');
    return copy;
  };
}

async function* pieces(bytes) {
  for (let done = 0; done < bytes.length; done += 65_536) yield bytes.subarray(done, done + 65_536);
}

async function decisions() {
  const { PodTable } = await from('core/hpa/pod-table.js');
  const { HpaMemory } = await from('core/hpa/memory.js');
  const { sync } = await from('core/hpa/sync.js');
  const { DEFAULT_HPA_CONFIG: config } = await from('core/hpa/config.js');
  const pods = new PodTable();
  const memory = new HpaMemory(config.gates);
  for (let i = 0; i < size.hpas; i++) for (let k = 0; k < size.pods; k++) pods.upsert(podOf(i, k));
  const hpas = each(hpaOf);
  const keys = hpas.map(({ metadata: { namespace, name } }) => ({ namespace, name }));
  for (const key of keys) memory.track(key);
  const answers = await answersOf();
  const kinds = [{ group: 'apps', version: 'v1', resource: 'deployments', kind: 'Deployment', preferred: true }];
  const ok = (value) => ({ ok: true, value });
  const answer = (i, request) => {
    switch (request.kind) {
      case 'discover':
        return ok(kinds);
      case 'get-scale':
        return ok(answers.scale(i));
      case 'claim-pods':
        return memory.selectors.claim(
          request.key,
          request.selector,
          pods.select(request.key.namespace, request.selector),
        );
      case 'list-pods':
        return pods.select(request.namespace, request.selector);
      case 'put-status':
        hpas[i] = answers.status(i, request.hpa);
        return ok(hpas[i]);
      default:
        throw new Error(`nothing moves in this world, and yet a sync asks for ${request.kind}`);
    }
  };
  let now = 0;
  const round = async () => {
    now += PERIOD_MS;
    const instant = { wall: START + now, mono: now };
    for (let i = 0; i < size.hpas; i++) {
      const { history } = memory.begin(keys[i], { hpa: hpas[i], resourceVersion: '9' });
      const conversation = sync({ hpa: hpas[i], history, config });
      let next = conversation.next();
      while (!next.done) {
        const request = next.value;
        const isMetrics = request.kind === 'list-pod-metrics';
        const result = isMetrics
          ? ok(layer === 'core' ? answers.metrics(i) : await answers.metrics(i))
          : answer(i, request);
        next = conversation.next({ at: instant, result });
      }
      memory.end(keys[i], next.value.nextHistory);
    }
    return hpas.at(-1).status;
  };
  return {
    round,
    counted: () => ({ 'selectors evaluated': pods.evaluated + memory.selectors.evaluated, pods: pods.size }),
  };
}

/** From nothing, behind the embedded API, on a clock that jumps. */
async function startOf() {
  const { EventClock } = await from('clock/event-clock.js');
  const { abortScope } = await from('controllers/deps.js');
  const { hpaController } = await from('controllers/hpa.js');
  const { DEFAULT_HPA_CONFIG } = await from('core/hpa/config.js');
  const { DEPLOYMENTS, HORIZONTAL_POD_AUTOSCALERS, NAMESPACES, PODS } = await from('core/kube/resource.js');
  const { EmbeddedKubeApi } = await from('cluster/embedded-kube-api.js');
  const { ObjectStore } = await from('cluster/store.js');
  const { SeededRandom } = await from('lib/random.js');
  const clock = new EventClock({ start: START, pace: { kind: 'jump' }, limit: 1e9 });
  const random = new SeededRandom(1);
  const store = new ObjectStore({ clock, random });
  const writer = { manager: 'bench', operation: 'Update' };
  const template = { metadata: { labels: { app: 'x' } }, spec: podOf(0, 0).spec };
  for (let i = 0; i < size.hpas; i++) {
    const metadata = { name: appOf(i), namespace: namespaceOf(i) };
    if (size.namespaces === 'each')
      store.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespaceOf(i) } }, writer);
    const matchLabels = { app: appOf(i) };
    const spec = {
      replicas: size.pods,
      selector: { matchLabels },
      template: { ...template, metadata: { labels: matchLabels } },
    };
    store.create(DEPLOYMENTS, { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec }, writer);
    for (let k = 0; k < size.pods; k++) {
      const { status, ...pod } = podOf(i, k);
      const { resourceVersion: _, ...own } = pod.metadata;
      const created = store.create(PODS, { ...pod, metadata: own }, writer);
      store.update(PODS, { ...created, status }, { ...writer, subresource: 'status' });
    }
    const { spec: wanted } = hpaOf(i);
    store.create(
      HORIZONTAL_POD_AUTOSCALERS,
      { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata, spec: wanted },
      writer,
    );
  }
  const metrics = {
    listPodMetrics: async ({ namespace }) => JSON.parse(podMetricsText(Number(namespace.slice(3)))).items,
  };
  const round = async () => {
    const scope = abortScope();
    const synced = new Set();
    await clock.run(async () => {
      const done = hpaController({
        api: new EmbeddedKubeApi({ store, clock, random, manager: 'hpa-controller' }),
        metrics,
        config: DEFAULT_HPA_CONFIG,
        clock,
        random,
        recorder: {
          record: ({ object }) => {
            synced.add(`${object.namespace}/${object.name}`);
            if (synced.size === size.hpas) scope.abort(new Error('all synchronized'));
          },
        },
        log: { warn: (text) => process.stderr.write(`${text}\n`) },
        signal: scope.signal,
      });
      await done;
    });
    return store.get(HORIZONTAL_POD_AUTOSCALERS, { namespace: namespaceOf(size.hpas - 1), name: appOf(size.hpas - 1) })
      .status;
  };
  return { round, counted: () => ({ pods: size.hpas * size.pods }) };
}

const { round, counted } = await (layer === 'start' ? startOf() : decisions());
const { result, ...timed } = await timeRounds(round, {
  rounds: Number(roundsText),
  enoughMs: Number(enoughText),
  clock,
});
const utilization = result.currentMetrics?.[0]?.resource?.current.averageUtilization;
tell({ kind: 'timed', ...timed, counted: counted(), answer: { desired: result.desiredReplicas, utilization } });
