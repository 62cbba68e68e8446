/** A metric's selector as Go prints the structure: part of metric names and errors, where people see it. */

import { compareText } from '../../lib/compare.ts';
import type { LabelSelector } from '../kube/object.ts';

/**
 * `nil` when absent; else the fields of the structure, labels by key, values in given order.
 *
 * Spec: HPA-21.9.   Source: apimachinery pkg/apis/meta/v1/generated.pb.go LabelSelector.String (v0.37.2).
 */
export function metricSelectorText(selector: LabelSelector | undefined): string {
  if (selector === undefined) return 'nil';
  const labels = Object.entries(selector.matchLabels ?? {})
    .toSorted(([a], [b]) => compareText(a, b))
    .map(([key, value]) => `${key}: ${value},`);
  const expressions = (selector.matchExpressions ?? []).map(
    ({ key, operator, values = [] }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`,
  );
  return `&LabelSelector{MatchLabels:map[string]string{${labels.join('')}},MatchExpressions:[]LabelSelectorRequirement{${expressions.join('')}},}`;
}
