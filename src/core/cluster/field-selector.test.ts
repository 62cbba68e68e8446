import { describe, expect, test } from 'vitest';
import type { AnyObject } from '../kube/object.ts';
import { PODS, RAY_CLUSTERS } from '../kube/resource.ts';
import { defined } from '../../lib/assert.ts';
import { fieldSelectorOf, parseFieldSelector } from './field-selector.ts';
import { kindOfResource } from './kinds/table.ts';

const POD_KIND = defined(kindOfResource(PODS), 'pods');
const RAY_KIND = defined(kindOfResource(RAY_CLUSTERS), 'rayclusters');

const pod: AnyObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'ns' },
  spec: { nodeName: 'n1', containers: [] },
  status: { phase: 'Running' },
};

describe('the text form', () => {
  test.each([
    { name: 'nothing', in: '', want: [] },
    { name: 'one', in: 'a=b', want: [['a', '=', 'b']] },
    { name: 'two equal signs', in: 'a==b', want: [['a', '=', 'b']] },
    { name: 'unequal', in: 'a!=b', want: [['a', '!=', 'b']] },
    {
      name: 'several',
      in: 'a=b,c!=,d=e',
      want: [
        ['a', '=', 'b'],
        ['c', '!=', ''],
        ['d', '=', 'e'],
      ],
    },
    { name: 'escapes', in: String.raw`a=b\,c\=d\\`, want: [['a', '=', String.raw`b,c=d` + '\\']] },
  ])('$name', ({ in: text, want }) => {
    const parsed = parseFieldSelector(text);
    expect(parsed.ok && parsed.value.map(({ path, operator, value }) => [path, operator, value])).toEqual(want);
  });

  test.each(['a', 'a=b=c', String.raw`a=b\x`, 'a=b\\'])('%s is refused', (text) => {
    expect(parseFieldSelector(text)).toMatchObject({ ok: false });
  });
});

describe('what matches', () => {
  test.each([
    ['metadata.name=p', true],
    ['metadata.namespace=ns', true],
    ['metadata.name=q', false],
    ['spec.nodeName=n1', true],
    ['spec.host=n1', true],
    ['spec.nodeName!=n1', false],
    ['spec.nodeName=', false],
    ['status.phase=Running,spec.nodeName=n1', true],
    ['status.phase!=Succeeded,status.phase!=Failed', true],
    ['status.phase=Running,metadata.name=q', false],
  ])('%s: %s', (text, want) => {
    const selector = fieldSelectorOf(POD_KIND, text);
    expect(selector.ok && selector.value(pod)).toBe(want);
  });

  test('a field that the kind does not offer is refused in its own words', () => {
    expect(fieldSelectorOf(POD_KIND, 'spec.x=1')).toEqual({ ok: false, error: 'field label not supported: spec.x' });
    expect(fieldSelectorOf(RAY_KIND, 'spec.x=1')).toEqual({
      ok: false,
      error:
        'Unable to find "ray.io/v1, Resource=rayclusters" that match label selector "", field selector "spec.x=1": ' +
        '"spec.x" is not a known field selector: only "metadata.name", "metadata.namespace"',
    });
  });
});
