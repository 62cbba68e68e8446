import { expect, test } from 'vitest';
import { at, hpa } from '../../../test/support/hpa.ts';
import { manualClock } from '../../../test/support/store.ts';
import type { HorizontalPodAutoscaler } from '../../core/kube/hpa.ts';
import { seconds } from '../../core/time/time.ts';
import { HpaGate } from './gate.ts';
import type { WriteMode } from './settings.ts';

function gateOf(mode: WriteMode, syncPeriod = 15) {
  const clock = manualClock();
  const told: string[] = [];
  const log = { info: (message: string) => told.push(message), warn: (message: string) => told.push(message) };
  const gate = new HpaGate({ mode, syncPeriodMs: seconds(syncPeriod), clock, log });
  const seen = (manager: string, second: number): void =>
    gate.noticed({ kind: 'updated', object: writtenBy(manager, second), previous: hpa() });
  return { gate, clock, told, seen };
}

function writtenBy(manager: string, second: number): HorizontalPodAutoscaler {
  const entry = { manager, operation: 'Update', apiVersion: 'autoscaling/v2', subresource: 'status' } as const;
  return { ...hpa(), metadata: { ...hpa().metadata, managedFields: [{ ...entry, time: at(second) }] } };
}

test('a dry run stays closed, --force open, whoever writes', () => {
  for (const [mode, held] of [
    ['dry-run', 'dry run'],
    ['force', undefined],
  ] as const) {
    const { gate, seen, clock } = gateOf(mode);
    expect(gate.heldBack()).toBe(held);
    seen('kube-controller-manager', 0);
    clock.advance(1000);
    seen('kube-controller-manager', 1);
    expect(gate.heldBack()).toBe(held);
  }
});

test('another manager is told to be stopped by its name', () => {
  const { gate, seen, told } = gateOf('write');
  gate.noticed({ kind: 'added', object: hpa() });
  seen('other-autoscaler', 1);
  expect(gate.heldBack()).toBe('other-autoscaler writes');
  expect(told).toEqual([
    'other-autoscaler writes the status of HorizontalPodAutoscaler default/web: nothing is written here until it has been silent for 1m0s; stop other-autoscaler, or write beside it with --force',
  ]);
});

test('it waits for the slower of both periods', () => {
  for (const [period, wait, silence] of [
    [2, 16, '16s'],
    [60, 61, '1m1s'],
  ] as const) {
    const { gate, seen, clock, told } = gateOf('write', period);
    seen('kube-controller-manager', -60);
    clock.advance(wait * 1000 - 1);
    expect(gate.heldBack()).toBe('to see whether kube-controller-manager still writes');
    clock.advance(1);
    expect(gate.heldBack()).toBeUndefined();
    expect(told.at(-1)).toBe(
      `kube-controller-manager has written no status of an HPA for ${silence}: writing from now on`,
    );
  }
});

test('each change of things is told once', () => {
  const { gate, seen, clock, told } = gateOf('write');
  seen('kube-controller-manager', -60);
  for (let second = 0; second < 100; second++) {
    if (second < 10) seen('kube-controller-manager', second);
    gate.heldBack();
    clock.advance(1000);
  }
  expect(told.map((text) => text.slice(0, 55))).toEqual([
    'kube-controller-manager has written the status of Horiz',
    'kube-controller-manager writes the status of Horizontal',
    'kube-controller-manager has written no status of an HPA',
  ]);
});
