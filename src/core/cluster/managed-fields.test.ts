import { expect, test } from 'vitest';
import type { ManagedFieldsEntry } from '../kube/object.ts';
import { withManager, type Writer } from './managed-fields.ts';

const at = (second: number): { readonly apiVersion: string; readonly time: string } => ({
  apiVersion: 'v1',
  time: `2026-01-01T00:00:${String(second).padStart(2, '0')}Z`,
});
const writer = (manager: string, more: Partial<Writer> = {}): Writer => ({ manager, operation: 'Update', ...more });
const names = (entries: readonly ManagedFieldsEntry[]): readonly string[] =>
  entries.map(({ manager, operation, subresource, time }) =>
    [manager, operation, subresource, time.slice(17, 19)].join(' '),
  );

test('one entry per manager, operation and subresource; a further write renews it', () => {
  let entries = withManager([], writer('kubectl'), at(1));
  entries = withManager(entries, writer('kubelet', { subresource: 'status' }), at(2));
  entries = withManager(entries, writer('kubelet'), at(3));
  entries = withManager(entries, writer('kubectl'), at(4));
  entries = withManager(entries, writer('kubelet', { subresource: 'status' }), at(5));
  expect(names(entries)).toEqual(['kubelet Update  03', 'kubectl Update  04', 'kubelet Update status 05']);
});

test('appliers come first', () => {
  let entries = withManager([], writer('a'), at(1));
  entries = withManager(entries, writer('z', { operation: 'Apply' }), at(2));
  expect(names(entries)).toEqual(['z Apply  02', 'a Update  01']);
});

test('beyond ten writers the oldest are merged into one', () => {
  let entries: readonly ManagedFieldsEntry[] = [];
  for (let i = 0; i < 14; i++) entries = withManager(entries, writer(`m${String(i).padStart(2, '0')}`), at(i));
  expect(entries).toHaveLength(10);
  expect(names(entries)[0]).toBe('ancient-changes Update  04');
  expect(names(entries).at(-1)).toBe('m13 Update  13');
});
