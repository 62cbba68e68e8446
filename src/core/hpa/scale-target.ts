/** From `scaleTargetRef` to a scale subresource: which resource a kind means, and how the scale client reads what it gets. */

import { err, ok, type Result } from '../../lib/result.ts';
import { compareText } from '../../lib/compare.ts';
import type { Scale } from '../kube/apps.ts';
import type { GroupVersionResource } from '../kube/resource.ts';
import { parseSelector, selectorOf, selectorText, type Requirement } from '../selector/selector.ts';
import type { DiscoveredKind } from './conversation.ts';

/**
 * The API group in `scaleTargetRef.apiVersion`: all of it that counts.
 *
 * Spec: HPA-2.6, HPA-3.2.   Source: apimachinery pkg/runtime/schema/group_version.go ParseGroupVersion (v0.37.2).
 */
export function targetGroup(apiVersion: string | undefined): Result<string, string> {
  const text = apiVersion ?? '';
  const parts = text.split('/');
  if (text === '' || text === '/' || parts.length === 1) return ok('');
  return parts.length === 2 ? ok(parts[0] ?? '') : err(`unexpected GroupVersion string: ${text}`);
}

/**
 * The resources a kind may mean: one per served version of the group that has it, in discovery order, each in the group's preferred
 * version. They are tried one after the other, so equal ones are kept.
 *
 * Cost: O(discovered kinds).
 * Spec: HPA-3.2 to HPA-3.5.   Source: client-go restmapper/discovery.go, apimachinery pkg/api/meta/restmapper.go (v0.37.2).
 */
export function mapKind(
  discovered: readonly DiscoveredKind[],
  wanted: { readonly group: string; readonly kind: string },
): Result<readonly GroupVersionResource[], string> {
  const ofGroup = discovered.filter((entry) => entry.group === wanted.group && !entry.resource.includes('/'));
  const fitting = ofGroup.filter((entry) => entry.kind === wanted.kind || entry.kind.toLowerCase() === wanted.kind);
  if (fitting.length === 0) return err(`no matches for kind "${wanted.kind}" in group "${wanted.group}"`);
  return ok(
    fitting.map(({ group, version, resource }) => {
      const served = ofGroup.filter((entry) => entry.resource === resource);
      return { group, resource, version: (served.find((entry) => entry.preferred) ?? served[0])?.version ?? version };
    }),
  );
}

/**
 * The scale as the client library hands it on: with its selector parsed, reduced to labels and sets, and printed again. Text it cannot
 * hold that way makes the whole answer unreadable.
 *
 * Spec: HPA-3.6a, HPA-3.6b.   Source: client-go scale/util.go, apimachinery pkg/apis/meta/v1/helpers.go ParseToLabelSelector (v0.37.2).
 */
export function readableScale(scale: Scale): Result<Scale, string> {
  const text = scale.status.selector ?? '';
  if (text === '') return ok(scale);
  const rewritten = rewriteSelector(text);
  if (!rewritten.ok) {
    const what = 'received an object from a /scale endpoint which was not convertible to autoscaling Scale';
    return err(`${what}: failed to parse target selector: ${rewritten.error}`);
  }
  return ok({ ...scale, status: { ...scale.status, selector: rewritten.value } });
}

function rewriteSelector(text: string): Result<string, string> {
  const parsed = parseSelector(text);
  if (!parsed.ok) return err(`couldn't parse the selector string "${text}": ${parsed.error}`);
  if (parsed.value.kind === 'nothing') return ok('');
  const labels = new Map<string, Requirement>();
  const sets: Requirement[] = [];
  for (const requirement of parsed.value.requirements) {
    switch (requirement.operator) {
      case '=':
      case '==':
        labels.set(requirement.key, { ...requirement, operator: '=' });
        break;
      case '!=':
        return err('"!=" is not a valid label selector operator');
      case '>':
        return err('"gt" isn\'t supported in label selectors');
      case '<':
        return err('"lt" isn\'t supported in label selectors');
      case 'in':
      case 'notin':
      case 'exists':
      case 'not-exists':
        sets.push(requirement);
        break;
    }
  }
  const sorted = [...labels.values()].toSorted((a, b) => compareText(a.key, b.key));
  return ok(selectorText(selectorOf([...sorted, ...sets])));
}
