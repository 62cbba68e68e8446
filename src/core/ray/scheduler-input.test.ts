import { describe, expect, test } from 'vitest';
import { RayWorld, workerGroup } from '../../../test/support/ray-world.ts';
import { durationMs, epochMs } from '../time/time.ts';
import { COMPAT, type Compat } from './compat.ts';
import { configOf } from './config.ts';
import { applyUpdates, EMPTY_TABLE, type InstanceUpdate } from './instances.ts';
import { snapshotOf } from './scheduler-input.ts';
import { DEFAULT_RAY_SETTINGS } from './settings.ts';

const AT = { wall: epochMs(0), mono: durationMs(0) };

/** The snapshot of rows given by type and status, for groups `small` (as told) and `other`. */
function snapshot(
  rows: readonly (readonly [type: string, status: 'QUEUED' | 'RAY_RUNNING' | 'RAY_STOP_REQUESTED'])[],
  compat: Compat = COMPAT.default,
  small = {},
): ReturnType<typeof snapshotOf> {
  const { cluster } = new RayWorld([workerGroup('small', small), workerGroup('other')]);
  let table = EMPTY_TABLE;
  for (const [i, [instanceType, status]] of rows.entries()) {
    const row = { instanceId: `i${i}`, details: '' };
    const made: InstanceUpdate =
      status === 'QUEUED'
        ? { kind: 'create', instanceType, status, ...row }
        : { kind: 'create', instanceType, status: 'ALLOCATED', cloudInstanceId: `p${i}`, ...row };
    table = applyUpdates(table, [made], AT);
    if (status !== 'QUEUED')
      table = applyUpdates(table, [{ kind: 'transition', to: 'RAY_RUNNING', nodeId: `n${i}`, ...row }], AT);
    if (status === 'RAY_STOP_REQUESTED') table = applyUpdates(table, [{ kind: 'transition', to: status, ...row }], AT);
  }
  const state = {
    clusterResourceStateVersion: 1,
    clusterSessionName: 's',
    nodeStates: [],
    pendingResourceRequests: [],
    pendingGangResourceRequests: [],
    clusterResourceConstraints: [],
  };
  const observation = { cluster, config: configOf(cluster, compat), pods: [], state, at: AT };
  return snapshotOf({ table, timeouts: new Map(), state: { pendingUnneededSinceS: new Map() } }, observation, {
    ...DEFAULT_RAY_SETTINGS,
    compat,
  });
}

describe('what the scheduler is given', () => {
  test('RAY-26.1 (C8) a node that is asked to stop is left out, the original counts it', () => {
    const rows = [
      ['small', 'RAY_RUNNING'],
      ['small', 'RAY_STOP_REQUESTED'],
    ] as const;
    expect(snapshot(rows).instances.map(({ instanceId }) => instanceId)).toEqual(['i0']);
    expect(snapshot(rows, COMPAT['ray-2.60']).instances.map(({ instanceId }) => instanceId)).toEqual(['i0', 'i1']);
  });

  test('RAY-26.1 types and limits are those of the config', () => {
    const { nodeTypes, maxNumNodes, idleTimeout } = snapshot([]);
    expect(nodeTypes.map(({ name }) => name)).toEqual(['headgroup', 'small', 'other']);
    expect([maxNumNodes, idleTimeout]).toEqual([21, { seconds: 60, text: '60.0' }]);
  });

  test('RAY-26.2 a type that is not there any more is as large as it is, and raises the total by that', () => {
    const { nodeTypes, maxNumNodes } = snapshot([
      ['gone', 'RAY_RUNNING'],
      ['gone', 'RAY_RUNNING'],
    ]);
    expect(nodeTypes.at(-1)).toMatchObject({
      name: 'gone',
      minWorkerNodes: 0,
      maxWorkerNodes: 2,
      idleTimeout: { seconds: Infinity, text: 'inf' },
    });
    expect(maxNumNodes).toBe(23);
  });

  test('RAY-26.2 so is a suspended one, with its resources', () => {
    const { nodeTypes } = snapshot([['small', 'RAY_RUNNING']], COMPAT.default, { suspend: true });
    expect(nodeTypes.map(({ name }) => name)).toEqual(['headgroup', 'other', 'small']);
    expect(nodeTypes.at(-1)).toMatchObject({ maxWorkerNodes: 1, resources: [['CPU', 1]] });
  });
});
