import { expect, test } from 'vitest';
import type { AnyObject } from '../kube/object.ts';
import { movesGeneration } from './generation.ts';
import type { GenerationRule } from './kinds/kind.ts';

const old: AnyObject = {
  apiVersion: 'v1',
  kind: 'X',
  metadata: { name: 'x', labels: { a: 'b' } },
  spec: { replicas: 1 },
  status: { replicas: 0 },
};
const changes = {
  spec: { ...old, spec: { replicas: 2 } },
  status: { ...old, status: { replicas: 1 } },
  labels: { ...old, metadata: { name: 'x' } },
  annotations: { ...old, metadata: { ...old.metadata, annotations: { a: 'b' } } },
  'another part': { ...old, ...{ data: {} } },
} as const satisfies Record<string, AnyObject>;

test.each<{ readonly rule: GenerationRule; readonly moves: readonly (keyof typeof changes)[] }>([
  { rule: 'none', moves: [] },
  { rule: 'spec', moves: ['spec'] },
  { rule: 'spec-or-annotations', moves: ['spec', 'annotations'] },
  { rule: 'all-but-metadata-and-status', moves: ['spec', 'another part'] },
])('$rule', ({ rule, moves }) => {
  for (const [part, next] of Object.entries(changes)) {
    expect(movesGeneration(rule, next, old), part).toBe((moves as readonly string[]).includes(part));
  }
});

test('a kind can say that two specs mean the same', () => {
  const next = { ...old, spec: { replicas: '1' } };
  expect(movesGeneration('spec', next, old)).toBe(true);
  expect(
    movesGeneration('spec', next, old, (a, b) => JSON.stringify(a).replaceAll('"1"', '1') === JSON.stringify(b)),
  ).toBe(false);
});
