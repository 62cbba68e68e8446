import { describe, expect, test } from 'vitest';
import { at, hpa } from '../../../test/support/hpa.ts';
import type { HorizontalPodAutoscaler } from '../kube/hpa.ts';
import type { ManagedFieldsEntry } from '../kube/object.ts';
import { durationMs, seconds, type DurationMs } from '../time/time.ts';
import { SecondWriter } from './second-writer.ts';

const OWN = 'tandem-hpa';
const KCM = 'kube-controller-manager';

const WEB = { namespace: 'default', name: 'web' };

type Write = { readonly manager: string; readonly seconds: number; readonly subresource?: string };

function written(...writes: readonly Write[]): HorizontalPodAutoscaler {
  const managedFields = writes.map(({ manager, seconds: time, subresource = 'status' }): ManagedFieldsEntry => ({
    manager,
    operation: 'Update',
    apiVersion: 'autoscaling/v2',
    time: at(time),
    ...(subresource === '' ? {} : { subresource }),
  }));
  const plain = hpa();
  return { ...plain, metadata: { ...plain.metadata, managedFields } };
}

const writer = (): SecondWriter => new SecondWriter({ own: OWN, periodMs: seconds(15) });
const s = (n: number): DurationMs => seconds(n);

describe('the start', () => {
  test('nobody but us has ever written a status: alone at once', () => {
    const second = writer();
    second.saw(written({ manager: OWN, seconds: -60 }), s(0));
    expect(second.view(s(0))).toEqual({ kind: 'alone' });
  });

  test('somebody has: watching for one period and a little, then alone when nothing came', () => {
    const second = writer();
    second.saw(written({ manager: KCM, seconds: -86_400 }), s(0));
    const write = { manager: KCM, object: 'default/web' };
    expect(second.view(s(0))).toEqual({ kind: 'watching', write, until: s(16), waitMs: s(16) });
    expect(second.view(durationMs(15_999)).kind).toBe('watching');
    expect(second.view(s(16))).toEqual({ kind: 'alone' });
  });

  test('the first HPA with such a write sets the time, not each one after it', () => {
    const second = writer();
    second.saw(written({ manager: KCM, seconds: -60 }), s(0));
    const other = written({ manager: KCM, seconds: -60 });
    second.saw({ ...other, metadata: { ...other.metadata, name: 'other' } }, s(10));
    expect(second.view(s(16))).toEqual({ kind: 'alone' });
  });
});

describe('a foreign write', () => {
  test('is a status entry that is new since the HPA was first seen', () => {
    const second = writer();
    second.saw(written({ manager: KCM, seconds: -60 }), s(0));
    second.saw(written({ manager: KCM, seconds: 5 }), s(5));
    const write = { manager: KCM, object: 'default/web' };
    expect(second.view(s(5))).toEqual({ kind: 'foreign', write, until: s(65), quietMs: s(60) });
  });

  test('shows on an HPA that had none before', () => {
    const second = writer();
    second.saw(hpa(), s(0));
    second.saw(written({ manager: KCM, seconds: 1 }), s(1));
    expect(second.view(s(1))).toMatchObject({ kind: 'foreign', write: { manager: KCM } });
  });

  test.each([['a spec edit', { manager: 'kubectl-edit', seconds: 5, subresource: '' }]])('is not %s', (_, write) => {
    const second = writer();
    second.saw(hpa(), s(0));
    second.saw(written(write), s(5));
    expect(second.view(s(5))).toEqual({ kind: 'alone' });
  });

  test('is not an entry that stays, or goes because we took its fields over', () => {
    const second = writer();
    const old = { manager: KCM, seconds: -60 };
    second.saw(written(old), s(0));
    for (const [time, ...others] of [[20, old], [40]] as const) {
      const ours = written(...others, { manager: OWN, seconds: time });
      second.writing(WEB);
      second.wrote(WEB, { kind: 'written', hpa: ours });
      second.saw(ours, s(time));
    }
    expect(second.view(s(40))).toEqual({ kind: 'alone' });
  });

  test('is not what an HPA carries that was deleted and made anew', () => {
    const second = writer();
    second.saw(hpa(), s(0));
    const anew = written({ manager: KCM, seconds: 5 });
    second.saw({ ...anew, metadata: { ...anew.metadata, uid: 'another' } }, s(20));
    expect(second.view(s(20)).kind).toBe('watching');
    second.removed(anew);
    second.saw(anew, s(40));
    expect(second.view(s(40))).toEqual({ kind: 'alone' });
  });
});

describe('an entry under our own name', () => {
  const ours = (time: number): HorizontalPodAutoscaler => written({ manager: OWN, seconds: time });
  const begun = (): SecondWriter => {
    const second = writer();
    second.saw(ours(-60), s(0));
    return second;
  };

  test('that this process did not write is of another process of the same name', () => {
    const second = begun();
    second.saw(ours(5), s(5));
    const write = { manager: OWN, object: 'default/web' };
    expect(second.view(s(5))).toEqual({ kind: 'foreign', write, until: s(65), quietMs: s(60) });
  });

  test('is ours when the answer says so, also where the watch shows it first or late', () => {
    const second = begun();
    second.writing(WEB);
    second.saw(ours(5), s(5));
    expect(second.view(s(5))).toEqual({ kind: 'alone' });
    second.wrote(WEB, { kind: 'written', hpa: ours(5) });
    second.writing(WEB);
    second.wrote(WEB, { kind: 'written', hpa: ours(20) });
    second.saw(ours(5), s(21));
    second.saw(ours(20), s(21));
    expect(second.view(s(21))).toEqual({ kind: 'alone' });
  });

  test('that came while ours was refused is foreign', () => {
    const second = begun();
    second.writing(WEB);
    second.saw(ours(5), s(5));
    second.wrote(WEB, { kind: 'refused' });
    expect(second.view(s(5)).kind).toBe('foreign');
  });

  test('may be that of a write without an answer: once', () => {
    const second = begun();
    second.writing(WEB);
    second.wrote(WEB, { kind: 'unknown' });
    second.saw(ours(5), s(5));
    expect(second.view(s(5))).toEqual({ kind: 'alone' });
    second.saw(ours(9), s(9));
    expect(second.view(s(9)).kind).toBe('foreign');
  });
});

test('he is gone after four quiet periods; each return is believed half as soon', () => {
  const second = writer();
  second.saw(hpa(), s(0));
  const write = (time: number): void => second.saw(written({ manager: KCM, seconds: time }), s(time));
  write(10);
  write(40);
  expect(second.view(s(99)).kind).toBe('foreign');
  expect(second.view(s(100))).toEqual({ kind: 'alone' });
  write(100);
  expect(second.view(s(219))).toMatchObject({ kind: 'foreign', quietMs: s(120) });
  expect(second.view(s(220))).toEqual({ kind: 'alone' });
  for (let time = 1000; time < 1_000_000; time *= 3) write(time);
  expect(second.view(s(1_000_000))).toEqual({ kind: 'alone' });
  write(2_000_000);
  expect(second.view(s(2_000_000))).toMatchObject({ quietMs: 3_600_000 });
});
