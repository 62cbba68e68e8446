/** Plays themes on a bed, whoever runs the loop: all at once, each in a namespace of its own. */

import type { HorizontalPodAutoscaler } from '../../src/core/kube/hpa.ts';
import type { AnyObject } from '../../src/core/kube/object.ts';
import type { Bed } from './bed/bed.ts';
import { GADGET_API, GADGETS, deployment } from './hpa-themes-objects.ts';
import { observed, statusLines } from './hpa-themes-observe.ts';
import type { HpaRun, Run } from './hpa-themes-recording.ts';
import type { Inputs, Rest, Theme } from './hpa-themes.ts';

const SYNC_MS = 1000;
const READINESS_MS = 2000;
/** For either loop. The last two let no request wait for its turn: which of them does would be chance. */
export const THEME_FLAGS: readonly string[] = [
  `--horizontal-pod-autoscaler-sync-period=${SYNC_MS}ms`,
  '--horizontal-pod-autoscaler-downscale-stabilization=10s',
  `--horizontal-pod-autoscaler-initial-readiness-delay=${READINESS_MS}ms`,
  `--horizontal-pod-autoscaler-cpu-initialization-period=${READINESS_MS}ms`,
  '--kube-api-qps=200',
  '--kube-api-burst=400',
];
/** A status is written at the sync that changes it, and at no other. */
const UNCHANGED_MS = 2.5 * SYNC_MS;
const WITHIN = { timeoutMs: 120_000, everyMs: 300 };

/** Who runs the loop, as the API server calls it. */
type Cast = { readonly account: string; readonly themes: readonly Theme[] };

export type Played = {
  readonly run: Run;
  /** By theme: why it did not come to its end. */
  readonly failures: Readonly<Record<string, unknown>>;
};

/** Plays the themes, those that are to be alone after the others. The bed has to know `GADGETS` (`readyForGadgets`). */
export async function play(bed: Bed, { account, themes }: Cast): Promise<Played> {
  const runs = new Map<string, Run>();
  const failures: Record<string, unknown> = {};
  const playOne = async (theme: Theme): Promise<void> => {
    try {
      runs.set(theme.name, await playTheme(bed, theme, account));
    } catch (error) {
      failures[theme.name] = error;
    }
  };
  await Promise.all(themes.filter(({ alone }) => alone !== true).map(playOne));
  for (const theme of themes.filter(({ alone }) => alone === true)) await playOne(theme);
  const inOrder = themes.map(({ name }) => runs.get(name) ?? {});
  return { run: Object.assign({}, ...inOrder) as Run, failures }; // each theme has keys of its own
}

/** Makes the kind, and waits until the loop has looked again at what the API server serves: an HPA of an absent gadget says so. */
export async function readyForGadgets(bed: Bed, probe: HorizontalPodAutoscaler): Promise<void> {
  const namespace = await bed.namespace('probe');
  await bed.apply(JSON.stringify(GADGETS), namespace);
  await bed.kubectl(['wait', '--for=condition=Established', 'crd/gadgets.example.com', '--timeout=30s']);
  await bed.apply(JSON.stringify(probe), namespace);
  const known = async (): Promise<boolean> => {
    const found = await hpaOf(bed, namespace, probe.metadata.name);
    return found !== undefined && statusLines(found, namespace).some((line) => line.includes('"web" not found'));
  };
  await bed.waitFor('the loop knows the new kind', known, WITHIN);
  await bed.kubectl(['delete', 'hpa', probe.metadata.name, '-n', namespace]);
}

type Stage = { readonly bed: Bed; readonly namespace: string; readonly theme: string };

async function playTheme(bed: Bed, theme: Theme, account: string): Promise<Run> {
  const namespace = await bed.namespace(theme.name);
  const stage: Stage = { bed, namespace, theme: theme.name };
  await enter(stage, { ...theme.before, apply: theme.objects });
  const gadgets = theme.objects.filter(({ apiVersion }) => apiVersion === GADGET_API);
  const end = new AbortController();
  const controllers = gadgets.map((object) => controlGadget(stage, object, end.signal));
  const rests: Record<string, Record<string, readonly string[]>> = {};
  try {
    await bed.waitFor(`${theme.name}: its pods are ready and measured`, () => isWarm(stage, theme), WITHIN);
    await enter(stage, { apply: theme.hpas });
    for (const { inputs, rests: awaited } of theme.steps) {
      await enter(stage, inputs);
      for (const rest of awaited) (rests[rest.hpa] ??= {})[rest.name] = await restOf(stage, rest);
    }
  } finally {
    end.abort();
    await Promise.all(controllers);
  }
  const place = { namespace, account, until: Date.now() };
  const runs: Record<string, HpaRun> = {};
  for (const hpa of hpasOf(theme)) {
    const { name } = hpa.metadata;
    runs[`${theme.name}/${name}`] = { ...(await observed(bed, { hpa, place })), rests: rests[name] ?? {} };
  }
  await bed.kubectl(['delete', 'hpa', '--all', '-n', namespace]);
  return runs;
}

/** Those at the start, and those that come later, each once. */
function hpasOf({ hpas, steps }: Theme): readonly HorizontalPodAutoscaler[] {
  const later = steps.flatMap(({ inputs }) => inputs.apply ?? []).filter(isHpa);
  return [...new Map([...later, ...hpas].map((hpa) => [hpa.metadata.name, hpa])).values()];
}

function isHpa(object: AnyObject): object is HorizontalPodAutoscaler {
  return object.kind === 'HorizontalPodAutoscaler';
}

async function enter({ bed, namespace }: Stage, inputs: Inputs): Promise<void> {
  const { usage, metrics, away, remove, apply = [], scale } = inputs;
  if (usage !== undefined) await bed.setUsage(namespace, usage);
  if (metrics !== undefined) await bed.setMetrics(namespace, metrics);
  if (away !== undefined) await bed.setMetricsAway(away);
  if (remove !== undefined) await bed.kubectl(['delete', remove, '-n', namespace]);
  if (apply.length > 0) await bed.apply(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: apply }), namespace);
  if (scale !== undefined) {
    await bed.kubectl(['scale', scale.object, `--replicas=${scale.replicas}`, '-n', namespace]);
  }
}

/** All pods are there, ready and past their start, and those whose use is scripted are measured. */
async function isWarm({ bed, namespace }: Stage, { objects, before }: Theme): Promise<boolean> {
  const expected = objects.reduce((sum, { spec }) => sum + Number(spec?.['replicas'] ?? 0), 0);
  const pods = await bed.pods(namespace, '');
  const since = pods.map(({ status }) => status.conditions?.find(({ type }) => type === 'Ready'));
  const settled = since.every(
    (ready) => ready?.status === 'True' && Date.now() - Date.parse(ready.lastTransitionTime) > READINESS_MS + 1000,
  );
  if (pods.length !== expected || !settled) return false;
  if (before.usage === undefined) return true;
  const list = (await bed.get(`/apis/metrics.k8s.io/v1beta1/namespaces/${namespace}/pods`)) as {
    readonly items: readonly unknown[];
  }; // a list
  return list.items.length === expected;
}

async function restOf(
  { bed, namespace, theme }: Stage,
  { hpa, name, until, passes }: Rest,
): Promise<readonly string[]> {
  let seen = '';
  let since = 0;
  const unchanged = async (): Promise<readonly string[] | undefined> => {
    const found = await hpaOf(bed, namespace, hpa);
    const lines = found === undefined ? [] : statusLines(found, namespace);
    const now = until.every((text) => lines.some((line) => line.includes(text))) ? lines.join('\n') : '';
    if (now === '' || now !== seen) since = performance.now();
    seen = now;
    if (now === '') throw new Error(`${until.join(' | ')} is not what is there:\n${lines.join('\n')}`);
    return passes === true || performance.now() - since > UNCHANGED_MS ? lines : undefined;
  };
  return (await bed.waitFor(`${theme}/${hpa}: ${name}`, unchanged, WITHIN)).value;
}

async function hpaOf(bed: Bed, namespace: string, name: string): Promise<HorizontalPodAutoscaler | undefined> {
  const path = `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers/${name}`;
  return (await bed.get(path)) as HorizontalPodAutoscaler | undefined; // by its path
}

/** Stands for the controller of a gadget: its pods are those of a Deployment, whose number it passes on and reports. */
async function controlGadget({ bed, namespace }: Stage, { metadata }: AnyObject, signal: AbortSignal): Promise<void> {
  const { name } = metadata;
  const path = `/apis/${GADGET_API}/namespaces/${namespace}/gadgets/${name}`;
  const pods = { ...deployment(name), metadata: { name: `${name}-pods` } };
  await bed.apply(JSON.stringify(pods), namespace);
  let told = '';
  while (!signal.aborted) {
    const gadget = (await bed.get(path)) as AnyObject; // by its path
    const wanted = Number(gadget.spec?.['replicas'] ?? 0);
    const there = Number((await bed.value(namespace, `deployments/${name}-pods`, '.status.replicas')) ?? 0);
    const now = `${wanted} ${there}`;
    if (now !== told) {
      const spec = JSON.stringify({ spec: { replicas: wanted } });
      await bed.kubectl(['patch', 'deployment', `${name}-pods`, '-n', namespace, '-p', spec]);
      const status = JSON.stringify({ status: { replicas: there, selector: `app=${name}` } });
      await bed.kubectl([
        'patch',
        'gadget',
        name,
        '-n',
        namespace,
        '--type=merge',
        '--subresource=status',
        '-p',
        status,
      ]);
      told = now;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
