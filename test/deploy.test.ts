/** The manifests of deploy/: what each set holds, that its parts name each other, and what a container may do to its node. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { ELECTION_DEFAULTS, SERVING_DEFAULTS } from '../src/cli/hpa/settings.ts';
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
  hpa: ['v1 Namespace', ...parts('ClusterRole', 'Role')],
  'hpa-dry-run': ['v1 Namespace', ...parts('ClusterRole', 'Role')],
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
    for (const { kind, metadata } of namespaced) {
      // the right to the Lease holds where that is
      const isOfLease = set.startsWith('hpa') && kind.startsWith('Role');
      expect(metadata.namespace, kind).toBe(isOfLease ? ELECTION_DEFAULTS.key.namespace : namespace);
    }
    for (const { kind, metadata } of objects) {
      expect(metadata.name, kind).toBe(kind === 'Namespace' ? namespace : name);
      expect(metadata.labels?.['app.kubernetes.io/name'], kind).toBe(name);
    }
  });

  test('binds its own roles to its own service account, and the pod runs under that', () => {
    const account = the(set, 'ServiceAccount').metadata;
    for (const kind of set.startsWith('hpa') ? ['ClusterRole', 'Role'] : ['Role']) {
      const role = the(set, kind).metadata;
      const { roleRef, subjects, metadata } = the<BindingObject>(set, `${kind}Binding`);
      expect(roleRef).toEqual({ apiGroup: 'rbac.authorization.k8s.io', kind, name: role.name });
      expect(subjects).toEqual([{ kind: 'ServiceAccount', name: account.name, namespace: account.namespace }]);
      expect(metadata.namespace).toBe(role.namespace);
    }
    const { template } = the<DeploymentObject>(set, 'Deployment').spec;
    expect(template.spec.serviceAccountName).toBe(account.name);
    expect(template.spec.automountServiceAccountToken).toBe(true);
  });

  test(set === 'hpa' ? 'runs two pods, which have a Lease between them' : 'runs one pod', () => {
    const { replicas, strategy, selector, template } = the<DeploymentObject>(set, 'Deployment').spec;
    expect(replicas).toBe(set === 'hpa' ? 2 : 1);
    // for Ray there is no Lease: never two, not even while one replaces the other
    expect(strategy).toEqual(set.startsWith('ray') ? { type: 'Recreate' } : undefined);
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

  test('is probed where a server answers', () => {
    const { readinessProbe, livenessProbe, ports } = containerOf(set);
    if (set.startsWith('ray')) {
      expect([readinessProbe, livenessProbe]).toEqual([{ httpGet: { path: '/healthz', port: 44217 } }, undefined]);
      return;
    }
    expect(ports).toEqual([{ name: 'metrics', containerPort: SERVING_DEFAULTS.port }]);
    expect(readinessProbe?.httpGet).toEqual({ path: '/readyz', port: 'metrics' });
    expect(livenessProbe?.httpGet).toEqual({ path: '/healthz', port: 'metrics' });
  });

  test('a dry run, and only that, says --dry-run', () => {
    expect(containerOf(set).args?.includes('--dry-run')).toBe(set.endsWith('dry-run'));
  });
});

describe('from the dry run to the real thing', () => {
  test('deploy/hpa and deploy/hpa-dry-run are the same objects, but for rules, one argument and the number of pods', () => {
    const stripped = (set: SetName): unknown =>
      objectsOf(set).map((object) => {
        if (object.kind.endsWith('Role')) return { ...object, rules: [] };
        if (object.kind !== 'Deployment') return object;
        const deployment = { ...object, spec: { ...object.spec, replicas: 'one or two' } };
        return JSON.parse(JSON.stringify(deployment).replace(',"--dry-run"', ''));
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

function parts(...roles: readonly ('Role' | 'ClusterRole')[]): readonly string[] {
  const rbac = 'rbac.authorization.k8s.io/v1';
  const granted = roles.flatMap((role) => [`${rbac} ${role}`, `${rbac} ${role}Binding`]);
  return ['v1 ServiceAccount', ...granted, 'apps/v1 Deployment'];
}
