/** From `scaleTargetRef` to a scale subresource: which resource a kind means, and how the scale client reads what it gets. */

import { err, ok, type Result } from '../../lib/result.ts';
import { compareText } from '../../lib/compare.ts';
import type { Scale } from '../kube/apps.ts';
import type { GroupResource, GroupVersionResource } from '../kube/resource.ts';
import {
  EVERYTHING,
  parseSelector,
  selectorOf,
  selectorText,
  type Requirement,
  type Selector,
} from '../selector/selector.ts';
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

/** A kind by its API group, '' for the core group. */
export type GroupKind = { readonly group: string; readonly kind: string };

/**
 * The resources a kind may mean: one per served version of the group that has it, in discovery order, each in the group's preferred
 * version. They are tried one after the other, so equal ones are kept.
 *
 * Cost: O(discovered kinds).
 * Spec: HPA-3.2 to HPA-3.5.   Source: client-go restmapper/discovery.go, apimachinery pkg/api/meta/restmapper.go (v0.37.2).
 */
export function mapKind(
  discovered: readonly DiscoveredKind[],
  wanted: GroupKind,
): Result<readonly GroupVersionResource[], string> {
  const mappings = mappingsOf(discovered, wanted);
  if (mappings.length === 0) return err(noMatch(wanted));
  return ok(
    mappings.map(({ version, resource }) => {
      const served = discovered.filter((entry) => entry.group === wanted.group && entry.resource === resource);
      const best = served.find(({ preferred }) => preferred) ?? served[0];
      return { group: wanted.group, resource, version: best?.version ?? version };
    }),
  );
}

/**
 * The one resource that a kind means where only one is asked for: that of the group's preferred version, or of the first that has it.
 *
 * Cost: O(discovered kinds). Spec: HPA-20.7.   Source: apimachinery pkg/api/meta/priority.go RESTMapping (v0.37.2).
 */
export function describedResource(
  discovered: readonly DiscoveredKind[],
  wanted: GroupKind,
): Result<GroupResource, string> {
  const mappings = mappingsOf(discovered, wanted);
  const mapping = mappings.find(({ preferred }) => preferred) ?? mappings[0];
  return mapping === undefined ? err(noMatch(wanted)) : ok({ group: wanted.group, resource: mapping.resource });
}

/** Spec: HPA-3.4. */
function noMatch({ group, kind }: GroupKind): string {
  return `no matches for kind "${kind}" in group "${group}"`;
}

type Mapping = { readonly version: string; readonly preferred: boolean; readonly resource: string };

function mappingsOf(discovered: readonly DiscoveredKind[], { group, kind }: GroupKind): readonly Mapping[] {
  const byVersion = new Map<string, Mapping>();
  const versions = new Set<string>();
  for (const entry of discovered) {
    if (entry.group !== group) continue;
    versions.add(entry.version);
    const resource = resourceMeant(entry, kind);
    if (resource === undefined) continue;
    // of two kinds of one name in one version the later counts
    byVersion.set(entry.version, { version: entry.version, preferred: entry.preferred, resource });
  }
  return [...versions].flatMap((version) => byVersion.get(version) ?? []);
}

/** The list of a kind is taken for a resource of its own, which no server has. Spec: HPA-3.2. */
function resourceMeant({ resource, kind }: DiscoveredKind, wanted: string): string | undefined {
  if (resource.includes('/')) return undefined;
  if (wanted === 'List') return 'lists';
  if (wanted === `${kind}List`) return `${kind.toLowerCase()}lists`;
  return wanted === kind || wanted === kind.toLowerCase() ? resource : undefined;
}

/** A scale with its selector, as text in canonical form and parsed. No text parses to everything. */
export type ReadScale = { readonly scale: Scale; readonly selector: Selector };

/**
 * The scale as the client library hands it on: with its selector parsed, reduced to labels and sets, and printed again. Text it cannot
 * hold that way makes the whole answer unreadable.
 *
 * Spec: HPA-3.6a, HPA-3.6b.   Source: client-go scale/util.go, apimachinery pkg/apis/meta/v1/helpers.go ParseToLabelSelector (v0.37.2).
 */
export function readableScale(scale: Scale): Result<ReadScale, string> {
  const text = scale.status.selector ?? '';
  if (text === '') return ok({ scale, selector: EVERYTHING });
  const rewritten = rewriteSelector(text);
  if (!rewritten.ok) {
    const what = 'received an object from a /scale endpoint which was not convertible to autoscaling Scale';
    return err(`${what}: failed to parse target selector: ${rewritten.error}`);
  }
  const selector = rewritten.value;
  return ok({ scale: { ...scale, status: { ...scale.status, selector: selectorText(selector) } }, selector });
}

function rewriteSelector(text: string): Result<Selector, string> {
  const parsed = parseSelector(text);
  if (!parsed.ok) return err(`couldn't parse the selector string "${text}": ${parsed.error}`);
  if (parsed.value.kind === 'nothing') return parsed;
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
  return ok(selectorOf([...sorted, ...sets]));
}
