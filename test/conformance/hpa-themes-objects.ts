/** Objects of the themes in few words. */

import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerSpec, MetricSpec } from '../../src/core/kube/hpa.ts';
import type { AnyObject } from '../../src/core/kube/object.ts';
import type { Rest } from './hpa-themes.ts';

export const GADGET_API = 'example.com/v1';

type Workload = { readonly kind: 'Deployment' | 'StatefulSet'; readonly name: string; readonly replicas?: number };

/** A workload whose pods have the label `app` and two containers, each with requests of 100m and 100Mi. */
export function workload({ kind, name, replicas = 1 }: Workload): AnyObject {
  const resources = { requests: { cpu: '100m', memory: '100Mi' } };
  const containers = ['main', 'proxy'].map((container) => ({ name: container, image: 'none', resources }));
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name },
    spec: {
      replicas,
      ...(kind === 'StatefulSet' ? { serviceName: name } : {}),
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers, terminationGracePeriodSeconds: 0 } },
    },
  };
}

export function deployment(name: string, replicas = 1): AnyObject {
  return workload({ kind: 'Deployment', name, replicas });
}

export function service(name: string): AnyObject {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { ports: [{ port: 80 }] } };
}

/** A kind of nobody's but its scale. */
export const GADGETS: AnyObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'gadgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'gadgets', singular: 'gadget', kind: 'Gadget', listKind: 'GadgetList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: { type: 'object', properties: { replicas: { type: 'integer' } } },
              status: {
                type: 'object',
                properties: { replicas: { type: 'integer' }, selector: { type: 'string' } },
              },
            },
          },
        },
        subresources: {
          status: {},
          scale: {
            specReplicasPath: '.spec.replicas',
            statusReplicasPath: '.status.replicas',
            labelSelectorPath: '.status.selector',
          },
        },
      },
    ],
  },
};

export function gadget(name: string, replicas = 1): AnyObject {
  return { apiVersion: GADGET_API, kind: 'Gadget', metadata: { name }, spec: { replicas } };
}

/** An HPA of the target of its own name, a Deployment unless said otherwise, from 1 to 5. */
export function hpa(
  name: string,
  metrics: readonly MetricSpec[],
  spec: Partial<HorizontalPodAutoscalerSpec> = {},
): HorizontalPodAutoscaler {
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
      minReplicas: 1,
      maxReplicas: 5,
      metrics,
      ...spec,
    },
  };
}

export function cpuPercent(averageUtilization: number): MetricSpec {
  return { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } } };
}

export function resourceValue(name: 'cpu' | 'memory', averageValue: string): MetricSpec {
  return { type: 'Resource', resource: { name, target: { type: 'AverageValue', averageValue } } };
}

/** Items waiting in a queue outside of the cluster, so many for each pod. */
export function depthPerPod(averageValue: string, queue = 'a'): MetricSpec {
  const metric = { name: 'depth', selector: { matchLabels: { queue } } };
  return { type: 'External', external: { metric, target: { type: 'AverageValue', averageValue } } };
}

/** A rest of an HPA, by its name, and what is waited for. */
export function rest(hpaName: string, name: string, ...until: readonly string[]): Rest {
  return { hpa: hpaName, name, until };
}

/** The same, taken at first sight. */
export function passing(hpaName: string, name: string, ...until: readonly string[]): Rest {
  return { hpa: hpaName, name, until, passes: true };
}

/** Lines that end most rests. */
export const READY = 'AbleToScale=True ReadyForNewScale';
export const HELD_DOWN = 'AbleToScale=True ScaleDownStabilized';
export const HELD_UP = 'AbleToScale=True ScaleUpStabilized';
