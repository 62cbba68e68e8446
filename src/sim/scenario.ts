/** One run from an empty cluster to its end: builds the clock and the world, plays the script, measures and judges. */

import { DEMO_START, EventClock, HOST_WALL, type Wall } from '../clock/event-clock.ts';
import { abortScope } from '../controllers/deps.ts';
import { groupOfApiVersion, kindOfGroupKind } from '../core/cluster/kinds/table.ts';
import type { AnyObject } from '../core/kube/object.ts';
import { seconds } from '../core/time/time.ts';
import type { DecisionRecord } from '../ports/recorder.ts';
import { judge, summarize } from './expectations.ts';
import type { FaultPlan } from './faults.ts';
import { Gauges } from './gauges.ts';
import { grpcLines } from './gcs-line.ts';
import { planRun, type RunPlan } from './plan.ts';
import { secondsOf } from './ray-load.ts';
import type { ScenarioOptions, ScenarioResult } from './scenario-types.ts';
import { playScript } from './script.ts';
import { unserved } from './unserved.ts';
import { World } from './world.ts';

/** Far beyond any run that comes to its end by itself; the lengths of a trace and of a load for Ray are added. */
const LIMIT_SECONDS = 3 * 3600;

/** For tests: faults at the ports of the loops, and a wall that does not make anybody wait. */
export type ScenarioExtras = { readonly faults?: FaultPlan; readonly wall?: Wall };

/** Rejects with the signal's reason when aborted, and with the error when a part of the world breaks. */
export async function runScenario(options: ScenarioOptions, extras: ScenarioExtras = {}): Promise<ScenarioResult> {
  const { observer, speed } = options;
  const scope = abortScope(options.signal);
  const rayLoad = options.rayLoad?.steps;
  const loadSeconds = (options.trace?.requestsPerSecond.length ?? 0) + secondsOf(rayLoad ?? []);
  const limit = seconds(LIMIT_SECONDS + loadSeconds);
  const wall = extras.wall ?? HOST_WALL;
  const lines = speed === 'max' ? undefined : await grpcLines();
  const clock = new EventClock({
    start: DEMO_START,
    pace: speed === 'max' ? { kind: 'jump' } : { kind: 'scaled', speed, wall },
    limit,
  });
  const decisions: DecisionRecord[] = [];
  const world = new World({
    clock,
    seed: options.seed,
    recorder: {
      record: (record) => {
        decisions.push(record);
        observer.decision(record);
      },
    },
    log: { warn: (message) => observer.warning(clock.now(), message) },
    signal: scope.signal,
    ...(extras.faults === undefined ? {} : { faults: extras.faults }),
    ...(lines === undefined ? {} : { openGcs: lines(clock) }),
  });
  const plan = planRun(options.input.objects.map(withDefaults), rayLoad);
  return clock.run(async () => {
    const gauges = follow(new Gauges(world, clock), plan);
    world.start();
    try {
      const script = playScript({ world, clock, gauges, observer, signal: scope.signal }, plan, options.trace);
      const { givenUp, rayAsks } = await Promise.race([script, world.crashed]);
      const judged = { world, gauges, plan, decisions, rayAsks };
      return {
        startedAt: DEMO_START,
        endedAt: clock.now(),
        layers: summarize(judged),
        expectations: judge(options.input.kind, judged, options.trace !== undefined),
        unserved: unserved({ ...judged, givenUp }),
        rayAsks,
        decisions,
        series: gauges.series(),
      };
    } finally {
      scope.abort(new Error('the run is over'));
      await world.stop();
    }
  });
}

function follow(gauges: Gauges, plan: RunPlan): Gauges {
  for (const app of plan.apps) gauges.followDeployment(app.deployment);
  for (const ray of plan.rays) for (const group of ray.groups) gauges.followGroup(ray.cluster, group.name);
  return gauges;
}

/** As the API server would store it: namespace and defaults filled in. */
function withDefaults(object: AnyObject): AnyObject {
  const kind = kindOfGroupKind({ group: groupOfApiVersion(object.apiVersion), kind: object.kind });
  if (kind === undefined) return object;
  const { metadata } = object;
  const namespaced = kind.resource.namespaced
    ? { ...object, metadata: { ...metadata, namespace: metadata.namespace ?? 'default' } }
    : object;
  return kind.withDefaults(namespaced);
}
