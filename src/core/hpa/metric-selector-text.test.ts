import { expect, test } from 'vitest';
import { metricSelectorText } from './metric-selector-text.ts';

test.each([
  ['absent', undefined, 'nil'],
  ['empty', {}, '&LabelSelector{MatchLabels:map[string]string{},MatchExpressions:[]LabelSelectorRequirement{},}'],
  [
    'labels by key, values as given',
    { matchLabels: { b: '2', a: '1' }, matchExpressions: [{ key: 'z', operator: 'In', values: ['q', 'p'] }] },
    '&LabelSelector{MatchLabels:map[string]string{a: 1,b: 2,},MatchExpressions:[]LabelSelectorRequirement{LabelSelectorRequirement{Key:z,Operator:In,Values:[q p],},},}',
  ],
  [
    'without values',
    { matchExpressions: [{ key: 'z', operator: 'Exists' }] },
    '&LabelSelector{MatchLabels:map[string]string{},MatchExpressions:[]LabelSelectorRequirement{LabelSelectorRequirement{Key:z,Operator:Exists,Values:[],},},}',
  ],
] as const)('HPA-21.9 %s', (_name, selector, want) => {
  expect(metricSelectorText(selector)).toBe(want);
});
