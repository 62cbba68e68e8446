/** Parsed bodies as objects of the API. They are fresh: nobody else holds them. */

import type { Scale } from '../core/kube/apps.ts';
import type { KubeObject, ObjectList } from '../core/kube/object.ts';
import { apiVersionOf, type Resource } from '../core/kube/resource.ts';
import { isRecord, textOf } from './json-shape.ts';
import { brokenAnswer } from './refusal.ts';

/** `body`, if it has the members that every object has. */
export function objectIn<T extends KubeObject>(resource: Resource<T>, body: unknown): T {
  if (!isRecord(body) || !isRecord(body['metadata'])) {
    throw brokenAnswer(`the answer is no ${resource.kind}: it has no metadata`);
  }
  return named(resource, body);
}

/** A `<Kind>List`. Items of built-in kinds come without their kind, and get it here. */
export function listIn<T extends KubeObject>(resource: Resource<T>, body: unknown): ObjectList<T> {
  if (!isRecord(body) || !isRecord(body['metadata'])) {
    throw brokenAnswer(`the answer is no ${resource.kind}List: it has no metadata`);
  }
  const { items, metadata } = body;
  // a list of nothing may be null, but a body without the member is something else, and must not pass for an empty list
  if (!Array.isArray(items) && !(items === null && body['kind'] === `${resource.kind}List`)) {
    throw brokenAnswer(`the answer is no ${resource.kind}List: it has no items`);
  }
  const { remainingItemCount } = metadata;
  const next = textOf(metadata, 'continue') ?? '';
  return {
    resourceVersion: textOf(metadata, 'resourceVersion') ?? '',
    ...(next === '' ? {} : { continue: next }),
    ...(typeof remainingItemCount === 'number' ? { remainingItemCount } : {}),
    items: (items ?? []).map((item: unknown) => objectIn(resource, item)),
  };
}

/** Spec: HPA-3.6. Older forms of Scale are served by nothing that is still supported. */
export function scaleIn(body: unknown): Scale {
  const form = isRecord(body) ? `${textOf(body, 'apiVersion')} ${textOf(body, 'kind')}` : 'no object';
  if (!isRecord(body) || form !== 'autoscaling/v1 Scale' || !isRecord(body['metadata'])) {
    throw brokenAnswer(
      `received an object from a /scale endpoint which was not convertible to autoscaling Scale: it is ${form}`,
    );
  }
  const { spec, status } = body;
  const scale = { ...body, spec: isRecord(spec) ? spec : {}, status: isRecord(status) ? status : { replicas: 0 } };
  return scale as unknown as Scale; // its form was checked, its numbers are the server's
}

function named<T extends KubeObject>(resource: Resource<T>, body: Readonly<Record<string, unknown>>): T {
  const whole = body as { apiVersion?: unknown; kind?: unknown }; // fresh from the parser: ours to complete
  whole.apiVersion ??= apiVersionOf(resource);
  whole.kind ??= resource.kind;
  return body as unknown as T; // the server keeps the form of its kinds
}
