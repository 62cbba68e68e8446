/** Addresses of the API: the path of a request, and what messages call its subject. */

import type { ObjectKey } from '../core/kube/object.ts';
import type { GroupResource, GroupVersionResource } from '../core/kube/resource.ts';
import { KubeError } from '../ports/kube-api.ts';

/** What a request is about, as messages name it: `pods.metrics.k8s.io`, `deployments web`. */
export type Subject = GroupResource & { readonly name: string };

export type Address = { readonly path: string; readonly subject: Subject };

type Namespaced = { readonly namespaced: boolean };

/** All objects of a kind, of one namespace or ('') of all. */
export function collectionAddress(resource: GroupVersionResource & Namespaced, namespace: string): Address {
  const within = resource.namespaced && namespace !== '' ? `/namespaces/${segment(namespace, 'a namespace')}` : '';
  return {
    path: `${groupVersionPath(resource)}${within}/${resource.resource}`,
    subject: { group: resource.group, resource: resource.resource, name: '' },
  };
}

/** One object, or one of its subresources. */
export function objectAddress(
  resource: GroupVersionResource & Namespaced,
  { namespace, name }: ObjectKey,
  subresource?: string,
): Address {
  if (resource.namespaced) segment(namespace, 'a namespace');
  const { path, subject } = collectionAddress(resource, namespace);
  const tail = subresource === undefined ? '' : `/${subresource}`;
  return { path: `${path}/${segment(name, 'a name')}${tail}`, subject: { ...subject, name } };
}

/** Spec: HPA-20.18 (scale is named without its group). */
export function scaleAddress(resource: GroupVersionResource, key: ObjectKey): Address {
  const { path, subject } = objectAddress({ ...resource, namespaced: key.namespace !== '' }, key, 'scale');
  return { path, subject: { ...subject, group: '' } };
}

/** The subject of any path, from its own words; empty for paths that are not of resources. */
export function addressOfPath(path: string): Address {
  const parts = path.split('/').filter((part) => part !== '');
  const core = parts[0] === 'api';
  const group = core ? '' : (parts[1] ?? '');
  let rest = core || parts[0] === 'apis' ? parts.slice(core ? 2 : 3) : [];
  if (rest[0] === 'namespaces' && rest.length > 2) rest = rest.slice(2);
  const [resource = '', name = ''] = rest.map(decoded);
  return { path, subject: { group: resource === '' ? '' : group, resource, name } };
}

export function groupVersionPath({ group, version }: { readonly group: string; readonly version: string }): string {
  return group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
}

/** An empty name would address the whole collection, and dots another level: both are refused before anything is sent. */
function segment(text: string, what: string): string {
  if (text === '' || text === '.' || text === '..') {
    const problem = text === '' ? 'empty' : `"${text}"`;
    throw new KubeError({
      code: 400,
      reason: 'BadRequest',
      message: `${what} in the address of an object is ${problem}`,
    });
  }
  return encodeURIComponent(text);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a stray percent sign: as it stands, it is only shown
  }
}
