/** The manifests of deploy/ as objects, and the rules of their roles as single rights. */

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments, parseDocument } from 'yaml';
import type { Container, PodTemplate } from '../../src/core/kube/core-v1.ts';
import type { AnyObject, LabelSelector } from '../../src/core/kube/object.ts';

const DEPLOY = fileURLToPath(new URL('../../deploy/', import.meta.url));

/** Folders that `kubectl apply -f` takes, each a unit of its own. */
export const SETS = ['hpa', 'hpa-dry-run', 'ray-dry-run', 'ray-outside'] as const;

export type SetName = (typeof SETS)[number];

/** One right: what the API server is asked about. */
export type Right = { readonly group: string; readonly resource: string; readonly verb: string };

/** What the operator's own Role grants the head's service account, by the versions of KubeRay that made it. */
export const OPERATOR_ROLES: Readonly<Record<'1.5 and newer' | '1.3 and 1.4' | '1.2 and older', readonly Right[]>> = {
  '1.5 and newer': [...rights('', 'pods', 'get list watch patch'), ...rights('', 'pods/resize', 'patch'), ...ofRay()],
  '1.3 and 1.4': [...rights('', 'pods', 'get list watch'), ...ofRay()],
  '1.2 and older': [...rights('', 'pods', 'get list watch patch'), ...ofRay()],
};

export type RoleObject = AnyObject & {
  readonly rules?: readonly {
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly resourceNames?: readonly string[];
    readonly verbs: readonly string[];
  }[];
};

export type BindingObject = AnyObject & {
  readonly roleRef: { readonly apiGroup: string; readonly kind: string; readonly name: string };
  readonly subjects: readonly { readonly kind: string; readonly name: string; readonly namespace: string }[];
};

export type SecurityContext = Readonly<Record<string, unknown>>;

/** What the tests read of a container, beyond what the product does. */
export type DeployedContainer = Container & {
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly securityContext?: SecurityContext;
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
  readonly readinessProbe?: Probe;
  readonly livenessProbe?: Probe;
};

export type Probe = {
  readonly httpGet: { readonly path: string; readonly port: number | string };
  readonly failureThreshold?: number;
};

export type DeploymentObject = AnyObject & {
  readonly spec: {
    readonly replicas: number;
    readonly strategy?: { readonly type: string };
    readonly selector: LabelSelector;
    readonly template: PodTemplate & {
      readonly spec: {
        readonly serviceAccountName: string;
        readonly automountServiceAccountToken: boolean;
        readonly securityContext: SecurityContext;
        readonly containers: readonly DeployedContainer[];
      };
    };
  };
};

export function deployFile(path: string): string {
  return readFileSync(DEPLOY + path, 'utf8');
}

/** The files of a folder in the order in which kubectl applies them. */
export function filesOf(folder: string): readonly string[] {
  return readdirSync(DEPLOY + folder).toSorted();
}

/** Every object of a set, in the order in which kubectl applies them. Throws on broken YAML and on a key that stands twice. */
export function objectsOf(set: SetName): readonly AnyObject[] {
  return filesOf(set).flatMap((file) =>
    parseAllDocuments(deployFile(`${set}/${file}`)).map((document) => {
      if (document.errors.length > 0) throw new Error(`${set}/${file}: ${document.errors.join('; ')}`);
      return document.toJS() as AnyObject; // our own file
    }),
  );
}

/** A merge patch for a RayCluster. */
export function patchOf(file: string): { readonly spec: Readonly<Record<string, unknown>> } {
  const document = parseDocument(deployFile(`ray/${file}`));
  if (document.errors.length > 0) throw new Error(`ray/${file}: ${document.errors.join('; ')}`);
  return document.toJS() as { readonly spec: Readonly<Record<string, unknown>> }; // our own file
}

/** The one object of its kind in a set. */
export function the<T extends AnyObject>(set: SetName, kind: string): T {
  const found = objectsOf(set).filter((object) => object.kind === kind);
  if (found.length !== 1) throw new Error(`${set} has ${found.length} objects of kind ${kind}, expected one`);
  return found[0] as T; // by its kind
}

export function containerOf(set: SetName): DeployedContainer {
  const { containers } = the<DeploymentObject>(set, 'Deployment').spec.template.spec;
  const [container, ...more] = containers;
  if (container === undefined || more.length > 0) throw new Error(`${set} has ${containers.length} containers`);
  return container;
}

/** The rules of the set's role, one right each: in the whole cluster for the HPA, in the namespace of the set for Ray. */
export function grantedBy(set: SetName): readonly Right[] {
  return rightsOf(the<RoleObject>(set, set.startsWith('hpa') ? 'ClusterRole' : 'Role'));
}

/** What a set of the HPA grants beside that, in the namespace of its Lease. */
export function leaseRightsOf(set: 'hpa' | 'hpa-dry-run'): readonly Right[] {
  return rightsOf(the<RoleObject>(set, 'Role'));
}

export function rightsOf({ rules = [] }: Pick<RoleObject, 'rules'>): readonly Right[] {
  return rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.map((verb) => ({ group, resource, verb })))),
  );
}

/** Whether `granted` covers `needed`, by the API server's rules for `*` and `*`/subresource. */
export function covers(granted: Right, needed: Right): boolean {
  const [, subresource] = needed.resource.split('/');
  const resource =
    granted.resource === '*' ||
    granted.resource === needed.resource ||
    (subresource !== undefined && granted.resource === `*/${subresource}`);
  return resource && granted.verb === needed.verb && (granted.group === '*' || granted.group === needed.group);
}

export function rightText({ group, resource, verb }: Right): string {
  return `${verb} ${resource}${group === '' ? '' : ` of ${group}`}`;
}

function rights(group: string, resource: string, verbs: string): readonly Right[] {
  return verbs.split(' ').map((verb) => ({ group, resource, verb }));
}

function ofRay(): readonly Right[] {
  return rights('ray.io', 'rayclusters', 'get patch');
}
