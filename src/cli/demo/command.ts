/** `tandem demo`: gathers the input, plays the scenario, and shows it as text or as one JSON document. */

import { fileURLToPath } from 'node:url';
import type { AnyObject } from '../../core/kube/object.ts';
import type { RayCluster } from '../../core/kube/ray.ts';
import { HORIZONTAL_POD_AUTOSCALERS, NODE_POOLS, RAY_CLUSTERS } from '../../core/kube/resource.ts';
import { TandemError } from '../../lib/error.ts';
import { isScaled } from '../../sim/plan.ts';
import type { GivenRayLoad } from '../../sim/ray-load.ts';
import type {
  ScenarioInput,
  ScenarioObserver,
  ScenarioOptions,
  ScenarioResult,
  TraceLoad,
} from '../../sim/scenario-types.ts';
import { listed } from '../../sim/words.ts';
import type { Host } from '../host.ts';
import { demoCall } from '../invocation.ts';
import { withProgress, type Progress } from '../progress.ts';
import { readTrace } from '../trace.ts';
import type { Speed } from '../usage.ts';
import { renderChart } from './chart.ts';
import { toJsonDocument } from './json.ts';
import { createPaint, type Paint } from './paint.ts';
import { createScreen, objectText } from './screen.ts';
import { allHeld, renderExpectations, renderLength, renderSummary, renderUnserved } from './summary.ts';
import { elapsedText } from './time-text.ts';

/** As they come from the command line. */
export type DemoFlags = {
  readonly speed?: Speed;
  readonly seed: number;
  readonly once?: true;
  readonly output: 'text' | 'json';
  readonly filename?: readonly string[];
  readonly trace?: string;
  readonly rayLoad?: string;
  readonly verbose?: true;
  readonly color: boolean;
};

export type DemoDeps = { runScenario(options: ScenarioOptions): Promise<ScenarioResult> };

const DEFAULT_SPEED = 20;
const COLUMNS_WITHOUT_TERMINAL = 100;
const NAMED_FILES = 5;
const FIRST_SIGN_MS = 500;

/** The guide's scenario, part of the package: beside src when run from source, beside dist when built. */
const GUIDE = fileURLToPath(new URL('../../../examples/guide.yaml', import.meta.url));

type Run = {
  readonly flags: DemoFlags;
  readonly host: Host;
  readonly input: ScenarioInput;
  readonly speed: Speed;
  readonly trace: TraceLoad | undefined;
  readonly rayLoad: GivenRayLoad | undefined;
};

/** Rejects with a coded error when the input is bad, before anything starts. */
export async function runDemo(flags: DemoFlags, host: Host, deps: DemoDeps): Promise<'held' | 'not-held'> {
  const speed = flags.speed ?? (flags.output === 'json' ? 'max' : DEFAULT_SPEED);
  const paint = createPaint(usesColour(flags, host) ? 'colour' : 'plain');
  const { input, notes } = await readInput(flags, host);
  const progress: Progress = { clock: host.clock, write: (text) => host.stderr.write(text) };
  const trace = flags.trace === undefined ? undefined : await readLoad(flags.trace, input, { host, progress });
  const rayLoad = flags.rayLoad === undefined ? undefined : await readLoadForRay(flags.rayLoad, input, host);
  // said only now: whoever reads it can rely on it that something is played
  if (flags.output === 'text') host.stdout.write(header(flags, speed, paint) + notes);
  else host.stderr.write(notes);
  const run: Run = { flags, host, input, speed, trace, rayLoad };
  const result = flags.output === 'json' ? await playAsJson(run, deps, progress) : await playAsText(run, deps, paint);
  return allHeld(result) ? 'held' : 'not-held';
}

function usesColour({ color }: DemoFlags, { stdout, environment }: Host): boolean {
  return color && stdout.isTerminal && environment.colour === 'allowed';
}

type Read = {
  readonly input: ScenarioInput;
  /** What to know about the input before it is played: whole lines, '' when there is nothing. */
  readonly notes: string;
};

async function readInput({ filename, output }: DemoFlags, { signal }: Host): Promise<Read> {
  const { objects, notes } = await load(filename ?? [GUIDE], signal);
  if (filename === undefined) return { input: { kind: 'guide', objects }, notes };
  if (objects.some(({ kind }) => kind === NODE_POOLS.kind))
    return { input: { kind: 'manifests', objects }, notes: ended(notes) };
  // without a pool there would never be a node; manifests from a cluster of another provider have none
  const guide = await load([GUIDE], signal);
  const pools = guide.objects.filter(({ kind }) => kind === NODE_POOLS.kind);
  const added =
    output === 'text' ? "No NodePool was given, so nodes come from the guide's (examples/guide.yaml).\n" : '';
  return { input: { kind: 'manifests', objects: [...objects, ...pools] }, notes: ended(notes + added) };
}

/** With a blank line behind it. */
function ended(notes: string): string {
  return notes === '' ? '' : `${notes}\n`;
}

async function load(
  files: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly objects: readonly AnyObject[]; readonly notes: string }> {
  const { loadManifests, manifestError, warningTexts } = await import('../manifests.ts');
  const loaded = await loadManifests(files, { signal });
  if (!loaded.ok) throw manifestError(loaded.error);
  return { objects: loaded.value.objects, notes: warningTexts(loaded.value.warnings) };
}

/** A trace is requests for the Deployments of HPAs; without one nobody would get them. */
async function readLoad(
  file: string,
  { objects }: ScenarioInput,
  { host, progress }: { readonly host: Host; readonly progress: Progress },
): Promise<TraceLoad> {
  if (!objects.some(({ kind }) => kind === HORIZONTAL_POD_AUTOSCALERS.kind)) {
    const why = `${file}: its requests would reach nobody, because no HorizontalPodAutoscaler was given`;
    throw new TandemError(
      'TANDEM_TRACE',
      `${why}. Fix: give an HPA with its Deployment as well (-f FILE), or leave --trace out.`,
    );
  }
  // nothing is on the screen yet, and a trace may be long
  return readTrace(file, { signal: host.signal, progress: { ...progress, firstAfterMs: FIRST_SIGN_MS } });
}

async function readLoadForRay(file: string, { objects }: ScenarioInput, { signal }: Host): Promise<GivenRayLoad> {
  const { readRayLoad } = await import('../ray-load.ts');
  const load = await readRayLoad(file, { signal });
  if (objects.some((object) => object.kind === RAY_CLUSTERS.kind && isScaled(object as RayCluster))) return load; // by its kind
  const why = `${file}: nobody would be asked, because no RayCluster with enableInTreeAutoscaling: true was given`;
  throw new TandemError('TANDEM_RAY_LOAD', `${why}. Fix: give one as well (-f FILE), or leave --ray-load out.`);
}

async function playAsText(run: Run, deps: DemoDeps, paint: Paint): Promise<ScenarioResult> {
  const { flags, host } = run;
  const { stdout } = host;
  const write = (text: string): void => stdout.write(text);
  const screen = createScreen({
    write,
    paint,
    columns: stdout.columns,
    names: run.input.objects.flatMap(namesOf),
    detail: flags.verbose === true ? 'all' : 'changes',
  });
  const result = await interruptible(
    run,
    () => deps.runScenario(optionsOf(run, screen)),
    () => screen.elapsed(),
  );
  const { startedAt, endedAt } = result;
  const columns = stdout.columns ?? COLUMNS_WITHOUT_TERMINAL;
  const chart = renderChart(result.series, { startedAt, endedAt, columns, charset: host.environment.charset, paint });
  const parts = [
    chart,
    renderSummary(result.layers, paint),
    renderExpectations(result.expectations, run.input.kind, paint),
    renderUnserved(result.unserved, paint),
    `${renderLength(result)}${hiddenText(screen.hiddenWarnings())}\n${goOn(run)}`,
  ];
  write(`\n${parts.filter((part) => part !== '').join('\n\n')}\n`);
  return result;
}

/** What the timeline calls an object: a RayCluster by its groups. */
function namesOf({ kind, metadata, spec }: AnyObject): readonly string[] {
  const where = metadata.namespace ?? '';
  if (kind !== RAY_CLUSTERS.kind) return [objectText({ kind, namespace: where, name: metadata.name })];
  const groups = (spec as RayCluster['spec']).workerGroupSpecs ?? []; // its kind has been checked
  return groups.map(({ groupName }) => objectText({ kind, namespace: where, name: metadata.name, part: groupName }));
}

async function playAsJson(run: Run, deps: DemoDeps, progress: Progress): Promise<ScenarioResult> {
  const { flags, host, input, trace, rayLoad } = run;
  let first: number | undefined;
  let last = 0;
  const see = (at: number): void => {
    first ??= at;
    last = at;
  };
  const elapsed = (): string => elapsedText(first === undefined ? 0 : last - first);
  const observer: ScenarioObserver = { step: see, warning: see, decision: (record) => see(record.at) };
  const play = (): Promise<ScenarioResult> => deps.runScenario(optionsOf(run, observer));
  const note = (): string => `playing, ${elapsed()} of virtual time so far`;
  const result = await interruptible(run, () => withProgress(progress, note, play), elapsed);
  const load = trace === undefined ? 'built-in' : `trace ${trace.source}`;
  const { kind, objects } = input;
  host.stdout.write(toJsonDocument(result, { input: kind, objects, load, rayLoad: rayLoad?.source, seed: flags.seed }));
  return result;
}

function optionsOf({ flags, host, input, speed, trace, rayLoad }: Run, observer: ScenarioObserver): ScenarioOptions {
  return { input, trace, rayLoad, seed: flags.seed, speed, signal: host.signal, observer };
}

/** Says in one line that and when the run was interrupted; the error goes on to the exit code. */
async function interruptible<T>({ host }: Run, play: () => Promise<T>, elapsed: () => string): Promise<T> {
  try {
    return await play();
  } catch (error) {
    if (!host.signal.aborted) throw error;
    host.stderr.write(`\ntandem: stopped at ${elapsed()} of virtual time, nothing is left running\n`);
    throw host.signal.reason;
  }
}

function header(flags: DemoFlags, speed: Speed, paint: Paint): string {
  const pace = speed === 'max' ? 'as fast as this machine can' : `1 s here is ${speed} s there`;
  const files = flags.filename?.map((file) => (file === '-' ? 'what was piped in' : file));
  const what = files === undefined ? "the guide's scenario" : listed(files, NAMED_FILES);
  const requests = flags.trace === undefined ? '' : `, load from ${flags.trace}`;
  const load = flags.rayLoad === undefined ? requests : `${requests}, load for Ray from ${flags.rayLoad}`;
  const layers = `${paint('hpa', 'hpa')} = replicas, ${paint('ray', 'ray')} = workers, ${paint('nodes', 'nodes')} = machines`;
  return `${paint('bold', 'tandem')} plays ${what}${load} on an embedded cluster: ${pace}, seed ${flags.seed}, Ctrl-C ends it.
Each line is a decision: time, layer (${layers}), object, from -> to, reason.

`;
}

function hiddenText(warnings: number): string {
  if (warnings === 0) return '';
  return ` ${warnings === 1 ? 'One warning was' : `${warnings} warnings were`} left out: --verbose shows what the loops survived.`;
}

function goOn({ flags, host, speed }: Run): string {
  if (flags.once === true) return 'The cluster is gone.';
  const call = demoCall(host.variables);
  if (flags.filename !== undefined)
    return 'The cluster is gone. Next: edit the manifests and run the same command again; --verbose shows every decision.';
  const faster = speed === 'max' ? '' : `${call} --speed max, or `;
  return `The cluster is gone. Next: ${faster}your own manifests: ${call} -f FILE (examples/guide.yaml to begin with).`;
}
