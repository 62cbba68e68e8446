import { describe, expect, test } from 'vitest';
import { RayWorld, shape, workerGroup } from '../../../test/support/ray-world.ts';
import { COMPAT } from './compat.ts';
import type { RaySettings } from './settings.ts';

function reported(world: RayWorld): (typeof world.reports)[number] {
  const report = world.reports.at(-1);
  if (report === undefined) throw new Error('nothing was reported');
  return report;
}

function waiting(settings: Partial<RaySettings> = {}): RayWorld {
  const world = new RayWorld([workerGroup('small', { maxReplicas: 12 })], settings);
  world.demand = [{ request: shape({ CPU: 1 }), count: 15 }];
  world.roundDone();
  return world;
}

describe('what the GCS is told', () => {
  test('RAY-29.1 requests in flight by launch request and type, with their time in seconds', () => {
    const report = reported(waiting());
    expect(report.pendingInstanceRequests).toEqual([{ rayNodeTypeName: 'small', count: 10, requestTs: 1_767_225_600 }]);
  });

  test('RAY-29.1 what was left over, one entry per unit', () => {
    expect(reported(waiting()).infeasibleResourceRequests).toEqual(Array(3).fill(shape({ CPU: 1 })));
  });

  test('RAY-29.1 a number for each state of the table, and the state it was made from', () => {
    const world = waiting();
    const first = reported(world);
    world.operate();
    world.roundDone();
    expect(reported(world).autoscalerStateVersion).toBeGreaterThan(first.autoscalerStateVersion);
    expect(reported(world).lastSeenClusterResourceStateVersion).toBe(2);
  });

  test('RAY-29.1 (C12) pods that are awaited, by name and with details', () => {
    const world = waiting();
    world.operate();
    world.roundDone();
    const [pod] = world.podsOf('small').toReversed();
    expect(reported(world).pendingInstances[0]).toEqual({
      rayNodeTypeName: 'small',
      instanceId: pod?.metadata.name,
      details: `allocated as pod ${pod?.metadata.name}`,
    });
  });

  test('RAY-29.1 (C12) the original gives the ids of its rows and no details', () => {
    const world = waiting({ compat: COMPAT['ray-2.60'] });
    world.operate();
    world.roundDone();
    expect(reported(world).pendingInstances[0]).toEqual({
      rayNodeTypeName: 'small',
      instanceId: expect.stringMatching(/^im-/),
      details: '',
    });
  });

  test('RAY-29.1 a report that fails costs nothing but itself', () => {
    const world = waiting();
    world.faults.push({ kind: 'report-autoscaling-state', failure: 'lost', times: 1 });
    expect(world.roundDone().notes).toEqual(['the report to the GCS failed: no answer within 5 s']);
  });
});
