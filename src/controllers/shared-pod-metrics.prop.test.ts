import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { podMetrics } from '../../test/support/hpa.ts';
import type { PodMetrics } from '../core/kube/metrics.ts';
import { matchesSelector, parseSelector, type Selector } from '../core/selector/selector.ts';
import { durationMs } from '../core/time/time.ts';
import { err, ok } from '../lib/result.ts';
import { SharedPodMetrics, type FetchPodMetrics, type PodMetricsQuery, type Together } from './shared-pod-metrics.ts';

function selector(text: string): Selector {
  const parsed = parseSelector(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

const item = (name: string, labels?: Readonly<Record<string, string>>): PodMetrics => {
  const plain = podMetrics(name, { cpu: '5m' });
  return labels === undefined ? plain : { ...plain, metadata: { ...plain.metadata, labels } };
};
const query = (labelSelector: string) => ({ namespace: 'n', labelSelector, selector: selector(labelSelector) });
const due = (more: Partial<Together> = {}): Together => ({
  now: durationMs(100),
  since: durationMs(100),
  others: 3,
  ownPods: 1,
  allPods: 4,
  ...more,
});

/** A server that selects as the API does. */
function serverOf(items: readonly PodMetrics[]): { readonly fetch: FetchPodMetrics; readonly asked: string[] } {
  const asked: string[] = [];
  const fetch = async ({ labelSelector }: PodMetricsQuery) => {
    asked.push(labelSelector);
    return ok(items.filter(({ metadata }) => matchesSelector(selector(labelSelector), metadata.labels)));
  };
  return { fetch, asked };
}

const ITEMS = ['a', 'b', 'c', 'd'].map((app) => item(`${app}-0`, { app }));

describe('HPAs of a namespace that fall due together', () => {
  test('share one list', async () => {
    const { fetch, asked } = serverOf(ITEMS);
    const shared = new SharedPodMetrics(fetch);
    const answers = await Promise.all(
      ['a', 'b', 'c', 'd'].map((app, i) => shared.list(query(`app=${app}`), due({ others: 3 - i }))),
    );
    expect(answers).toEqual(ITEMS.map((one) => ok([one])));
    expect(asked).toEqual(['']);
  });

  test('one that falls due later has a list of its own time', async () => {
    const { fetch, asked } = serverOf(ITEMS);
    const shared = new SharedPodMetrics(fetch);
    await shared.list(query('app=a'), due());
    await shared.list(query('app=b'), due({ now: durationMs(250), since: durationMs(200) }));
    await shared.list(query('app=c'), due({ now: durationMs(260), since: durationMs(250) }));
    expect(asked).toEqual(['', '']);
  });

  test('one alone, and few pods among many, ask with their selector', async () => {
    const { fetch, asked } = serverOf(ITEMS);
    const shared = new SharedPodMetrics(fetch);
    await shared.list(query('app=a'), due({ others: 0 }));
    await shared.list(query('app=b'), due({ allPods: 17 }));
    expect(asked).toEqual(['app=a', 'app=b']);
  });

  test('the list is let go when nobody waits for it', async () => {
    const { fetch, asked } = serverOf(ITEMS);
    const shared = new SharedPodMetrics(fetch);
    await shared.list(query('app=a'), due({ others: 1 }));
    await shared.list(query('app=b'), due({ others: 0 }));
    await shared.list(query('app=c'), due({ others: 0 }));
    expect(asked).toEqual(['', 'app=c']);
  });

  test('a server whose items tell no labels selects itself', async () => {
    const asked: string[] = [];
    const shared = new SharedPodMetrics(async ({ labelSelector }) => {
      asked.push(labelSelector);
      return ok([item('x')]);
    });
    for (const app of ['a', 'b']) expect(await shared.list(query(`app=${app}`), due())).toEqual(ok([item('x')]));
    expect(asked).toEqual(['', 'app=a', 'app=b']);
  });

  test('a refusal is that of each', async () => {
    const refused = err({ code: 503, reason: '', message: 'no' });
    const shared = new SharedPodMetrics(async () => refused);
    for (const app of ['a', 'b']) expect(await shared.list(query(`app=${app}`), due())).toEqual(refused);
  });
});

test('for one state of the server each gets what it would get alone', async () => {
  const labels = fc.record(
    { app: fc.constantFrom('a', 'b', 'c'), tier: fc.constantFrom('1', '2') },
    { requiredKeys: [] },
  ) as fc.Arbitrary<Readonly<Record<string, string>>>;
  const texts = ['app=a', 'app=b', 'app in (a,c)', 'tier=1,app=a', 'app!=a', 'tier', ''];
  await fc.assert(
    fc.asyncProperty(
      fc.array(labels, { maxLength: 12 }),
      fc.array(fc.constantFrom(...texts), { minLength: 1, maxLength: 8 }),
      async (all, asking) => {
        const { fetch, asked } = serverOf(all.map((own, i) => item(`p${i % 9}`, own)));
        const alone = await Promise.all(asking.map((text) => fetch({ namespace: 'n', labelSelector: text })));
        const before = asked.length;
        const shared = new SharedPodMetrics(fetch);
        const together = asking.map((text, i) => shared.list(query(text), due({ others: asking.length - 1 - i })));
        expect(await Promise.all(together)).toEqual(alone);
        expect(asked.length - before).toBe(1);
      },
    ),
  );
});
