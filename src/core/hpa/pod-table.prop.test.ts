import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pod } from '../../../test/support/hpa.ts';
import { compareText } from '../../lib/compare.ts';
import type { Pod } from '../kube/core-v1.ts';
import { matchesSelector, parseSelector, type Selector } from '../selector/selector.ts';
import { podFacts, requestsOfSpec } from './pod-facts.ts';
import { PodTable } from './pod-table.ts';
import { SelectorTable } from './selector-table.ts';

const NAMESPACES = ['a', 'b'];
const NAMES = ['p0', 'p1', 'p2', 'p3', 'p4'];
const SELECTORS = [
  'app=x',
  'app=y',
  'app in (x,y)',
  'app in (x)',
  'tier',
  '!tier',
  'app=x,tier=1',
  'app!=x',
  'tier=1,app=y',
  'app=none',
  '',
].map(selector);

function selector(text: string): Selector {
  const parsed = parseSelector(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

const labels = fc.record(
  { app: fc.constantFrom('x', 'y'), tier: fc.constantFrom('1', '2') },
  { requiredKeys: [] },
) as fc.Arbitrary<Readonly<Record<string, string>>>;
const key = fc.record({ namespace: fc.constantFrom(...NAMESPACES), name: fc.constantFrom(...NAMES) });
const podStep = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('upsert' as const), key, labels }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), key }) },
);

function labelled(
  { namespace, name }: { namespace: string; name: string },
  own: Readonly<Record<string, string>>,
): Pod {
  const plain = pod(name);
  return { ...plain, metadata: { ...plain.metadata, namespace, labels: own } };
}

test('after any changes the table selects what a walk over all pods would', () => {
  fc.assert(
    fc.property(fc.array(podStep, { maxLength: 40 }), (steps) => {
      const table = new PodTable();
      const plain = new Map<string, Pod>();
      for (const step of steps) {
        const text = `${step.key.namespace}/${step.key.name}`;
        if (step.kind === 'remove') {
          plain.delete(text);
          table.remove(step.key);
        } else {
          const given = labelled(step.key, step.labels);
          plain.set(text, given);
          table.upsert(given);
        }
        // asked in between, so that an answer that was kept too long is noticed
        for (const namespace of NAMESPACES) {
          for (const one of SELECTORS) {
            const want = [...plain.values()]
              .filter(({ metadata }) => metadata.namespace === namespace && matchesSelector(one, metadata.labels))
              .toSorted((x, y) => compareText(x.metadata.name, y.metadata.name))
              .map((found) => podFacts(found));
            expect(table.select(namespace, one)).toEqual(want);
          }
        }
        expect(table.size).toBe(plain.size);
      }
    }),
    { numRuns: 60 },
  );
});

const claimStep = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('claim' as const), key, selector: fc.constantFrom(...SELECTORS) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('track' as const), key }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('forget' as const), key }) },
);

test('HPA-3.22 claims are those that a walk over all HPAs and pods finds', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ key, labels }), { maxLength: 10 }),
      fc.array(claimStep, { maxLength: 40 }),
      (given, steps) => {
        const pods = new PodTable();
        for (const one of given) pods.upsert(labelled(one.key, one.labels));
        const two = new SelectorTable();
        const all = new SelectorTable({ claimants: 'all' });
        const plain = new Map<string, Selector | undefined>();
        for (const step of steps) {
          const { namespace, name } = step.key;
          const text = `${namespace}/${name}`;
          if (step.kind === 'track') {
            if (!plain.has(text)) plain.set(text, undefined);
            for (const table of [two, all]) table.track(step.key);
            continue;
          }
          if (step.kind === 'forget') {
            plain.delete(text);
            for (const table of [two, all]) table.forget(step.key);
            continue;
          }
          const matching = pods.select(namespace, step.selector);
          const claim = all.claim(step.key, step.selector, matching);
          const quick = two.claim(step.key, step.selector, matching);
          if (!plain.has(text)) {
            expect(claim).toEqual({ kind: 'not-tracked' });
            continue;
          }
          plain.set(text, step.selector);
          const want = [...plain]
            .filter(([other, claimed]) => other.startsWith(`${namespace}/`) && claimed !== undefined)
            .filter(([, claimed]) => matching.some((one) => matchesSelector(claimed as Selector, one.labels)))
            .map(([other]) => other);
          expect(claim).toEqual(want.length < 2 ? { kind: 'sole' } : { kind: 'ambiguous', claimants: want });
          expect(quick.kind).toBe(claim.kind);
          if (quick.kind === 'ambiguous') {
            expect(quick.claimants).toHaveLength(2);
            expect(want).toEqual(expect.arrayContaining([...quick.claimants]));
          }
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('what pods of one template have in common is kept once', () => {
  const table = new PodTable();
  for (const name of NAMES) table.upsert(labelled({ namespace: 'a', name }, { app: 'x' }));
  const pods = table.select('a', selector('app=x'));
  expect(new Set(pods.map((one) => one.labels)).size).toBe(1);
  expect(new Set(pods.map((one) => one.requests)).size).toBe(1);
  expect(pods[0]?.requests).toEqual(requestsOfSpec(pod('p0').spec));
});

test('selecting and claiming is linear in HPAs and pods', () => {
  const counted = (hpas: number): number => {
    const pods = new PodTable();
    const selectors = new SelectorTable();
    for (let i = 0; i < hpas; i++) {
      selectors.track({ namespace: 'a', name: `h${i}` });
      for (let k = 0; k < 10; k++)
        pods.upsert(labelled({ namespace: 'a', name: `w${i}-${k}` }, { app: `w${i}`, tier: '1' }));
    }
    for (let i = 0; i < hpas; i++) {
      const own = selector(`app=w${i},tier=1`);
      selectors.claim({ namespace: 'a', name: `h${i}` }, own, pods.select('a', own));
    }
    return pods.evaluated + selectors.evaluated;
  };
  expect(counted(400)).toBeLessThanOrEqual(2.1 * counted(200));
  expect(counted(200)).toBeLessThan(200 * 10);
});
