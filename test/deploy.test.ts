/** The manifests of deploy/: what each set holds, that its parts name each other, and what a container may do to its node. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { mergePatch } from '../src/core/cluster/patch.ts';
import {
  containerOf,
  filesOf,
  objectsOf,
  patchOf,
  SETS,
  the,
  type BindingObject,
  type DeploymentObject,
  type SetName,
} from './support/deploy.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
// our own file
const { version } = JSON.parse(readFileSync(`${ROOT}/package.json`, 'utf8')) as { readonly version: string };
const IMAGE = `tandem:${version}`;

const KINDS: Readonly<Record<SetName, readonly string[]>> = {
  hpa: ['v1 Namespace', ...parts('ClusterRole')],
  'hpa-dry-run': ['v1 Namespace', ...parts('ClusterRole')],
  'ray-dry-run': parts('Role'),
  'ray-outside': parts('Role'),
};

/** What the `restricted` level of Kubernetes asks of a container, and a root file system that nobody writes. */
const RESTRICTED = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};

describe.each(SETS)('deploy/%s', (set) => {
  test('holds these objects, in an order in which each finds what it needs', () => {
    expect(objectsOf(set).map(({ apiVersion, kind }) => `${apiVersion} ${kind}`)).toEqual(KINDS[set]);
  });

  test('holds only what kubectl apply -f takes', () => {
    expect(filesOf(set)).toEqual(['1-rights.yaml', '2-deployment.yaml']);
  });

  test('lies in one namespace, under one name and label', () => {
    const objects = objectsOf(set);
    const namespaced = objects.filter(({ kind }) => !/^(Namespace|Cluster)/.test(kind));
    const namespace = set.startsWith('hpa') ? 'tandem' : 'default';
    const name = set.startsWith('hpa') ? 'tandem-hpa' : `tandem-${set}`;
    expect(namespaced.map(({ metadata }) => metadata.namespace)).toEqual(namespaced.map(() => namespace));
    for (const { kind, metadata } of objects) {
      expect(metadata.name, kind).toBe(kind === 'Namespace' ? namespace : name);
      expect(metadata.labels?.['app.kubernetes.io/name'], kind).toBe(name);
    }
  });

  test('binds its own role to its own service account, and the pod runs under that', () => {
    const cluster = set.startsWith('hpa') ? 'Cluster' : '';
    const account = the(set, 'ServiceAccount').metadata;
    const { roleRef, subjects } = the<BindingObject>(set, `${cluster}RoleBinding`);
    const { template } = the<DeploymentObject>(set, 'Deployment').spec;
    expect(roleRef).toEqual({
      apiGroup: 'rbac.authorization.k8s.io',
      kind: `${cluster}Role`,
      name: the(set, `${cluster}Role`).metadata.name,
    });
    expect(subjects).toEqual([{ kind: 'ServiceAccount', name: account.name, namespace: account.namespace }]);
    expect(template.spec.serviceAccountName).toBe(account.name);
    expect(template.spec.automountServiceAccountToken).toBe(true);
  });

  test('runs one pod, and never two', () => {
    const { replicas, strategy, selector, template } = the<DeploymentObject>(set, 'Deployment').spec;
    expect({ replicas, strategy }).toEqual({ replicas: 1, strategy: { type: 'Recreate' } });
    expect(selector.matchLabels).toEqual(template.metadata?.labels);
  });

  test('runs the image of this version, restricted and within limits', () => {
    const { securityContext } = the<DeploymentObject>(set, 'Deployment').spec.template.spec;
    const container = containerOf(set);
    expect(container.image).toBe(IMAGE);
    expect(container.securityContext).toEqual(RESTRICTED);
    expect(securityContext).toEqual({
      runAsNonRoot: true,
      runAsUser: 1000,
      runAsGroup: 1000,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(Object.keys(container.resources?.requests ?? {})).toEqual(['cpu', 'memory']);
    expect(Object.keys(container.resources?.limits ?? {})).toContain('memory');
  });

  test('is probed only where a server answers', () => {
    const { readinessProbe, livenessProbe } = containerOf(set);
    const answers = { httpGet: { path: '/healthz', port: 44217 } };
    expect({ readinessProbe, livenessProbe }).toEqual(set.startsWith('ray') ? { readinessProbe: answers } : {});
  });

  test('a dry run, and only that, says --dry-run', () => {
    expect(containerOf(set).args?.includes('--dry-run')).toBe(set.endsWith('dry-run'));
  });
});

describe('from the dry run to the real thing', () => {
  test('deploy/hpa and deploy/hpa-dry-run are the same objects, but for rules and one argument', () => {
    const stripped = (set: SetName): unknown =>
      objectsOf(set).map((object) => {
        if (object.kind === 'ClusterRole') return { ...object, rules: [] };
        if (object.kind !== 'Deployment') return object;
        return JSON.parse(JSON.stringify(object).replace(',"--dry-run"', ''));
      });
    expect(stripped('hpa-dry-run')).toEqual(stripped('hpa'));
  });

  test('deploy/ray-outside differs from deploy/ray-dry-run by name, rules and one argument', () => {
    const stripped = (set: SetName): unknown =>
      objectsOf(set).map((object) =>
        JSON.parse(
          JSON.stringify(object.kind === 'Role' ? { ...object, rules: [] } : object)
            .replaceAll(`tandem-${set}`, 'NAME')
            .replace(',"--dry-run"', ''),
        ),
      );
    expect(stripped('ray-dry-run')).toEqual(stripped('ray-outside'));
  });
});

describe('patches of a RayCluster', () => {
  /** Fields of `autoscalerOptions` by the version of KubeRay that has them. */
  const OLD_FIELDS = ['image', 'imagePullPolicy', 'resources', 'securityContext', 'env', 'envFrom', 'volumeMounts'];
  const FIELDS = [...OLD_FIELDS, 'command', 'args'];

  const options = (file: string): Readonly<Record<string, unknown>> =>
    patchOf(file).spec['autoscalerOptions'] as Readonly<Record<string, unknown>>; // the field is an object in each patch

  test('there are four', () => {
    expect(filesOf('ray')).toEqual([
      'sidecar-idle-kuberay-1.7.yaml',
      'sidecar-kuberay-1.6.yaml',
      'sidecar-kuberay-1.7.yaml',
      'sidecar-off.yaml',
    ]);
  });

  test.each([
    { file: 'sidecar-kuberay-1.6.yaml', fields: OLD_FIELDS },
    { file: 'sidecar-kuberay-1.7.yaml', fields: FIELDS },
    { file: 'sidecar-idle-kuberay-1.7.yaml', fields: FIELDS },
  ])('$file uses only fields that this operator has', ({ file, fields }) => {
    const unknown = Object.keys(options(file)).filter((field) => !fields.includes(field));
    expect(unknown).toEqual([]);
    expect(Object.keys(patchOf(file).spec)).toEqual(['enableInTreeAutoscaling', 'autoscalerOptions']);
  });

  test.each(['sidecar-kuberay-1.6.yaml', 'sidecar-kuberay-1.7.yaml'])('%s runs the image, restricted', (file) => {
    expect(options(file)['image']).toBe(IMAGE);
    expect(options(file)['securityContext']).toEqual({ runAsNonRoot: true, runAsUser: 1000, ...RESTRICTED });
  });

  test.each(['sidecar-kuberay-1.6.yaml', 'sidecar-kuberay-1.7.yaml', 'sidecar-idle-kuberay-1.7.yaml'])(
    'sidecar-off.yaml takes back %s, and nothing of the user',
    (file) => {
      const before = { spec: { enableInTreeAutoscaling: true, autoscalerOptions: { idleTimeoutSeconds: 10 } } };
      const patched = mergePatch(before, patchOf(file));
      expect(patched).not.toEqual(before);
      expect(mergePatch(patched, patchOf('sidecar-off.yaml'))).toEqual(before);
    },
  );
});

function parts(role: 'Role' | 'ClusterRole'): readonly string[] {
  const rbac = 'rbac.authorization.k8s.io/v1';
  return ['v1 ServiceAccount', `${rbac} ${role}`, `${rbac} ${role}Binding`, 'apps/v1 Deployment'];
}
