import { describe, expect, test } from 'vitest';
import { caseLine, familyAt, FAMILY_NAMES, generatedCase } from '../../../test/conformance/ray-generator.ts';
import { RAY_VECTOR_FILES, readRayVectors } from '../../../test/support/ray-vectors.ts';
import { testSeed } from '../../../test/support/seed.ts';
import { deepFreeze } from '../../lib/json.ts';
import { readCase } from '../../sim/ray-cases-snapshot.ts';
import { durationMs, epochMs } from '../time/time.ts';
import type { Reasons } from './explain-types.ts';
import { schedule, type Schedule } from './schedule.ts';
import { compareScores } from './score.ts';
import type { SchedulerSnapshot } from './snapshot.ts';

const NOW = { wall: epochMs(0), mono: durationMs(0) };
const RANDOM_CASES = 600;

/** Undefined for a line that is no case. */
function snapshotOf(text: string): SchedulerSnapshot | undefined {
  const read = readCase(text);
  return read.ok ? deepFreeze(read.value.snapshot) : undefined;
}

/** The round decided without and with reasons: the same but for them, work included. They are given back. */
function askedAndNot(snapshot: SchedulerSnapshot): { readonly plain: Schedule; readonly reasons: Reasons | undefined } {
  const plain = schedule(snapshot, NOW);
  const { reasons, ...rest } = schedule(snapshot, NOW, { reasons: true });
  expect({ ...rest, reasons: undefined }).toStrictEqual(plain);
  expect(reasons === undefined).toBe(plain.decision.kind === 'abort');
  return { plain, reasons };
}

const sum = (counts: readonly { readonly count: number }[]): number => counts.reduce((so, { count }) => so + count, 0);

/** What the reasons must agree on with the decision they are told for. */
function checkReasons(snapshot: SchedulerSnapshot, { decision, nodes }: Schedule, reasons: Reasons): void {
  if (decision.kind === 'abort') throw new Error('an aborted round has no reasons');
  expect(reasons.launches.map(({ nodeType, count }) => ({ nodeType, count }))).toEqual(decision.launches);
  for (const { count, forMinimum, choices, serves, nodeType } of reasons.launches) {
    expect(sum(choices) + (forMinimum?.count ?? 0)).toBe(count);
    const fresh = nodes.filter((node) => node.status === 'TO_LAUNCH' && node.nodeType === nodeType);
    expect(sum(serves)).toBe(sum(fresh.flatMap(({ placed }) => [...placed.demand, ...placed.constraint])));
    for (const { chosen, runnerUp, others } of choices) {
      expect(sum(chosen.takes)).toBeGreaterThan(0);
      expect(new Set([nodeType, runnerUp?.nodeType, ...others.map((one) => one.nodeType)])).toEqual(
        new Set([...snapshot.nodeTypes.map(({ name }) => name), runnerUp?.nodeType]),
      );
      if (runnerUp === undefined) continue;
      const lead = compareScores(chosen.score, runnerUp.score);
      expect(runnerUp.lostBy === 'place' ? lead === 0 : lead > 0).toBe(true);
    }
  }
  const unserved = (kind: string): number => sum(reasons.unserved.filter(({ of }) => of.kind === kind));
  expect(unserved('demand')).toBe(sum(decision.infeasible));
  expect(unserved('constraint') > 0).toBe(decision.infeasibleConstraints.length > 0);
  const gangs = reasons.unserved.flatMap(({ of }) => (of.kind === 'gang' ? [of.index] : []));
  expect([...new Set(gangs)]).toEqual(decision.infeasibleGangs.map((gang) => snapshot.gangRequests.indexOf(gang)));
  for (const { types } of reasons.unserved)
    for (const { obstacle } of types)
      if (obstacle.kind === 'limits') expect(obstacle.perType ?? obstacle.total).toBeDefined();
  const ended = reasons.nodes.filter(({ rule }) => rule.fate === 'terminated');
  expect(ended.map(({ instanceId }) => instanceId)).toEqual(decision.terminations.map(({ instanceId }) => instanceId));
  const launched = sum(decision.launches);
  expect(reasons.nodes.filter(({ rule }) => rule.fate !== 'not-counted')).toHaveLength(nodes.length - launched);
  expect(reasons.resizes.map(({ cloudInstanceId }) => cloudInstanceId)).toEqual(
    decision.resizes.map(({ cloudInstanceId }) => cloudInstanceId),
  );
}

describe('RAY-5.1 asking for the reasons changes nothing, and they agree with the decision', () => {
  test.each(RAY_VECTOR_FILES)('rows of $file', ({ file, minimum }) => {
    const { vectors } = readRayVectors(file);
    let rounds = 0;
    for (const { text } of vectors) {
      const snapshot = snapshotOf(text);
      if (snapshot === undefined) continue;
      rounds++;
      const { plain, reasons } = askedAndNot(snapshot);
      if (reasons !== undefined) checkReasons(snapshot, plain, reasons);
    }
    expect(rounds).toBeGreaterThanOrEqual(minimum);
  });

  const seed = testSeed();
  test(`${RANDOM_CASES} random worlds of all families, seed ${seed}`, { timeout: 60_000 }, () => {
    let asked = 0;
    for (let index = 0; index < RANDOM_CASES; index++) {
      const given = generatedCase(seed, familyAt(seed, index, FAMILY_NAMES), index);
      const snapshot = snapshotOf(caseLine(given));
      if (snapshot === undefined) continue;
      const { plain, reasons } = askedAndNot(snapshot);
      if (reasons === undefined) continue;
      asked++;
      checkReasons(snapshot, plain, reasons);
    }
    expect(asked).toBeGreaterThan(RANDOM_CASES / 2);
  });
});
