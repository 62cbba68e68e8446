import { expect, test } from 'vitest';
import { play, scaleOf } from '../../../test/support/hpa.ts';
import { parseSelector } from '../selector/selector.ts';
import type { DiscoveredKind } from './conversation.ts';
import { describedResource, mapKind, readableScale, targetGroup } from './scale-target.ts';

const kind = (group: string, version: string, resource: string, name: string, preferred = true): DiscoveredKind => ({
  group,
  version,
  resource,
  kind: name,
  preferred,
});
const DISCOVERED: readonly DiscoveredKind[] = [
  kind('', 'v1', 'replicationcontrollers', 'ReplicationController'),
  kind('apps', 'v1', 'deployments', 'Deployment'),
  kind('apps', 'v1', 'deployments/status', 'Deployment'),
  kind('x.io', 'v1alpha1', 'gadgets', 'Gadget', false),
  kind('x.io', 'v1', 'gadgets', 'Gadget'),
];

test.each([
  ['HPA-2.6 absent', undefined, { ok: true, value: '' }],
  ['HPA-2.6 a slash', '/', { ok: true, value: '' }],
  ['HPA-2.6 a version alone', 'v1', { ok: true, value: '' }],
  ['HPA-2.6 group and version', 'apps/v1beta1', { ok: true, value: 'apps' }],
  ['HPA-2.30 too many parts', 'a/b/c', { ok: false, error: 'unexpected GroupVersion string: a/b/c' }],
])('%s', (_name, apiVersion, want) => {
  expect(targetGroup(apiVersion)).toEqual(want);
});

test.each([
  ['HPA-3.2 exact', { group: 'apps', kind: 'Deployment' }, [{ group: 'apps', version: 'v1', resource: 'deployments' }]],
  [
    'HPA-3.2 all in lower case',
    { group: 'apps', kind: 'deployment' },
    [{ group: 'apps', version: 'v1', resource: 'deployments' }],
  ],
  [
    'HPA-3.3 HPA-3.5 one per served version, each in the preferred one',
    { group: 'x.io', kind: 'Gadget' },
    [
      { group: 'x.io', version: 'v1', resource: 'gadgets' },
      { group: 'x.io', version: 'v1', resource: 'gadgets' },
    ],
  ],
  [
    'HPA-3.2 not in upper case',
    { group: 'apps', kind: 'DEPLOYMENT' },
    'no matches for kind "DEPLOYMENT" in group "apps"',
  ],
  [
    'HPA-3.4 another group',
    { group: 'extensions', kind: 'Deployment' },
    'no matches for kind "Deployment" in group "extensions"',
  ],
])('%s', (_name, wanted, want) => {
  expect(mapKind(DISCOVERED, wanted)).toEqual(
    typeof want === 'string' ? { ok: false, error: want } : { ok: true, value: want },
  );
});

test.each([
  ['a==b', 'a=b'],
  ['b=1,a=2', 'a=2,b=1'],
  ['app in (web),app=web', 'app=web,app in (web)'],
  ['app=web,app=x', 'app=x'],
  ['  ', ''],
  ['!x,y notin (b,a),z', '!x,y notin (a,b),z'],
])('HPA-3.6a the client rewrites %j', (given, want) => {
  const selector = parseSelector(want);
  expect(readableScale(scaleOf(1, given))).toEqual({
    ok: true,
    value: { scale: scaleOf(1, want), selector: selector.ok && selector.value },
  });
});

test.each([
  ['a!=b', '"!=" is not a valid label selector operator'],
  ['a>1', '"gt" isn\'t supported in label selectors'],
  ['a<1', '"lt" isn\'t supported in label selectors'],
  ['=', `couldn't parse the selector string "=": found '=', expected: !, identifier, or 'end of string'`],
])('HPA-3.6b the client cannot read %j', (given, want) => {
  const what =
    'received an object from a /scale endpoint which was not convertible to autoscaling Scale: failed to parse target selector';
  expect(readableScale(scaleOf(1, given))).toEqual({ ok: false, error: `${what}: ${want}` });
});

/** Two versions that call one kind by different resources; the second is the preferred one. */
const RENAMED: readonly DiscoveredKind[] = [
  kind('y.io', 'v1', 'olds', 'Thing', false),
  kind('y.io', 'v2', 'news', 'Thing'),
  kind('y.io', 'v2', 'extras', 'Extra'),
  kind('y.io', 'v1', 'bygones', 'Bygone', false),
  kind('y.io', 'v2', 'twins', 'Twin'),
  kind('y.io', 'v2', 'others', 'Twin'),
];

test.each([
  ['HPA-3.3 versions that differ are tried in turn', 'Thing', ['olds v1', 'news v2']],
  ['HPA-3.2 the list of a kind is a resource of its own, which no server has', 'ExtraList', ['extralists v2']],
  ['HPA-3.2 of two resources of one kind in one version the later counts', 'Twin', ['others v2']],
])('%s', (_name, wanted, want) => {
  const mapped = mapKind(RENAMED, { group: 'y.io', kind: wanted });
  expect(mapped.ok ? mapped.value.map(({ resource, version }) => `${resource} ${version}`) : mapped.error).toEqual(
    want,
  );
});

test.each([
  ['that of the preferred version', 'Thing', 'news'],
  ['the first that has it, where the preferred one does not', 'Bygone', 'bygones'],
  ['in lower case', 'thing', 'news'],
  ['none', 'Gizmo', 'no matches for kind "Gizmo" in group "y.io"'],
])('HPA-20.7 the resource of a described object: %s', (_name, wanted, want) => {
  const mapped = describedResource(RENAMED, { group: 'y.io', kind: wanted });
  expect(mapped.ok ? mapped.value.resource : mapped.error).toBe(want);
});

test('HPA-3.18, HPA-11.8 a selector that does not parse has failed the read of the scale, and gets no further', () => {
  const { requests, events, status } = play({ 'get-scale': () => ({ ok: true, value: scaleOf(2, 'a in b') }) });
  expect(requests.map(({ kind }) => kind)).toEqual(['discover', 'get-scale', 'emit-event', 'put-status']);
  expect(events.map(({ reason }) => reason)).toEqual(['FailedGetScale']);
  expect(status?.conditions?.map(({ type, reason }) => [type, reason])).toEqual([['AbleToScale', 'FailedGetScale']]);
});
