import { expect, test } from 'vitest';
import { hpa } from '../../../test/support/hpa.ts';
import { EVERYTHING } from '../selector/selector.ts';
import { durationMs } from '../time/time.ts';
import { DEFAULT_HPA_GATES } from './config.ts';
import { NO_HISTORY } from './draft.ts';
import { HpaMemory, parseHpaKey } from './memory.ts';

const KEY = { namespace: 'default', name: 'web' };
const written = (resourceVersion: string, uid = 'uid-web') => ({
  ...hpa(),
  metadata: { ...hpa().metadata, uid, resourceVersion },
});
const HISTORY = { recommendations: [{ replicas: 3, at: durationMs(0) }] };

test.each([
  ['HPA-2.40 the cache has not seen our write: not ready', '99', 'skip'],
  ['HPA-2.40 it has seen exactly that', '100', 'sync'],
  ['HPA-2.41 a version that is no number passes', 'abc', 'sync'],
  ['HPA-2.41 an empty version passes', '', 'sync'],
  ['HPA-2.41 longer is newer', '1000', 'sync'],
])('%s', (_name, resourceVersion, want) => {
  const memory = new HpaMemory();
  memory.wroteStatus(written('100'));
  expect(memory.begin(KEY, { hpa: hpa(), resourceVersion }).kind).toBe(want);
});

test('HPA-2.42 says which versions', () => {
  const memory = new HpaMemory();
  memory.wroteStatus(written('100'));
  expect(memory.begin(KEY, { hpa: hpa(), resourceVersion: '99' })).toEqual({
    kind: 'skip',
    error:
      'read version: 99 is not as new as written version: 100 for group resource horizontalpodautoscalers.autoscaling',
  });
});

test('HPA-2.40 of two writes the newer counts; another object starts afresh', () => {
  const memory = new HpaMemory();
  memory.wroteStatus(written('100'));
  memory.wroteStatus(written('98'));
  expect(memory.begin(KEY, { hpa: hpa(), resourceVersion: '99' }).kind).toBe('skip');
  memory.wroteStatus(written('98', 'uid-new'));
  expect(memory.begin(KEY, { hpa: hpa(), resourceVersion: '99' }).kind).toBe('sync');
});

test('HPA-2.3 a key that is gone loses its history when it is looked at', () => {
  const memory = new HpaMemory();
  memory.end(KEY, HISTORY);
  expect(memory.begin(KEY, { hpa: undefined, resourceVersion: '1' })).toEqual({ kind: 'deleted' });
  expect(memory.begin(KEY, { hpa: hpa(), resourceVersion: '1' })).toMatchObject({ kind: 'sync', history: {} });
});

test('HPA-2.44 one made anew before that inherits it, without the record of our write', () => {
  const memory = new HpaMemory();
  memory.end(KEY, HISTORY);
  memory.wroteStatus(written('100'));
  memory.removed(hpa());
  expect(memory.begin(KEY, { hpa: hpa(), resourceVersion: '50' })).toMatchObject({ kind: 'sync', history: HISTORY });
});

test.each([
  ['default/web', { ok: true, value: { namespace: 'default', name: 'web' } }],
  ['web', { ok: true, value: { namespace: '', name: 'web' } }],
  ['a/b/c', { ok: false, error: 'unexpected key format: "a/b/c"' }],
])('HPA-2.1 key %s', (text, want) => {
  expect(parseHpaKey(text)).toEqual(want);
});

test('HPA-2.2 a key that is not ready leaves everything as it is', () => {
  const memory = new HpaMemory();
  memory.end(KEY, HISTORY);
  memory.wroteStatus(written('100'));
  expect(memory.begin(KEY, { hpa: undefined, resourceVersion: '99' }).kind).toBe('skip');
  expect(memory.historyOf(KEY)).toEqual(HISTORY);
});

test('HPA-24.5 without the gate StaleControllerConsistencyHPA own writes are not waited for', () => {
  const memory = new HpaMemory({ ...DEFAULT_HPA_GATES, StaleControllerConsistencyHPA: false });
  memory.wroteStatus(written('100'));
  expect(memory.begin(KEY, { hpa: hpa(), resourceVersion: '99' }).kind).toBe('sync');
});

test('HPA-24.4 without the gate HPAOptimizedSelectorStore all rivals are named', () => {
  const claimants = [true, false].map((HPAOptimizedSelectorStore) => {
    const { selectors } = new HpaMemory({ ...DEFAULT_HPA_GATES, HPAOptimizedSelectorStore });
    const keys = ['a', 'b', 'c'].map((name) => ({ namespace: 'default', name }));
    for (const key of keys) selectors.track(key);
    const claims = keys.map((key) => selectors.claim(key, EVERYTHING, [{ labels: {} }]));
    return claims.map((claim) => (claim.kind === 'ambiguous' ? claim.claimants.length : 0));
  });
  expect(claimants).toEqual([
    [0, 2, 2],
    [0, 2, 3],
  ]);
});

test('HPA-1.4 what is remembered is of a key, not of an object, and of this process alone', () => {
  const memory = new HpaMemory();
  memory.end(KEY, HISTORY);
  const other = { ...KEY, name: 'db' };
  expect(memory.begin(other, { hpa: hpa(), resourceVersion: '1' })).toMatchObject({
    kind: 'sync',
    history: NO_HISTORY,
  });
  expect(memory.begin(KEY, { hpa: written('1', 'uid-new'), resourceVersion: '1' })).toMatchObject({ history: HISTORY });
  expect(new HpaMemory().historyOf(KEY)).toEqual(NO_HISTORY);
});
