/** Types and plain defaults of a pod's spec: what a Pod and every pod template share (cluster-api 18.2). */

import { int32, type Schema } from './schema.ts';

const TEXT: Schema = { type: 'string' };
const TEXT_MAP: Schema = { type: 'map', values: TEXT };
const QUANTITIES: Schema = {
  type: 'map',
  values: { type: 'quantity', fix: 'write a quantity, such as 500m, 2 or 4Gi' },
};

const RESOURCES: Schema = { type: 'object', fields: { limits: QUANTITIES, requests: QUANTITIES } };

const PROBE: Schema = {
  type: 'object',
  fields: {
    timeoutSeconds: int32({ default: 1 }),
    periodSeconds: int32({ default: 10 }),
    successThreshold: int32({ default: 1 }),
    failureThreshold: int32({ default: 3 }),
    httpGet: { type: 'object', fields: { scheme: { type: 'string', default: 'HTTP' } } },
  },
};

const PORT: Schema = {
  type: 'object',
  required: ['containerPort'],
  fields: {
    name: TEXT,
    containerPort: int32(),
    hostPort: int32(),
    protocol: { type: 'string', default: 'TCP', oneOf: ['SCTP', 'TCP', 'UDP'] },
  },
};

const CONTAINER: Schema = {
  type: 'object',
  fields: {
    name: TEXT,
    image: TEXT,
    imagePullPolicy: { type: 'string', oneOf: ['Always', 'IfNotPresent', 'Never'] },
    terminationMessagePath: { type: 'string', default: '/dev/termination-log' },
    terminationMessagePolicy: { type: 'string', default: 'File' },
    resources: { ...RESOURCES, default: {} },
    restartPolicy: TEXT,
    command: { type: 'list', items: TEXT },
    args: { type: 'list', items: TEXT },
    env: { type: 'list', items: { type: 'object', fields: { name: TEXT, value: TEXT } } },
    ports: { type: 'list', items: PORT },
    livenessProbe: PROBE,
    readinessProbe: PROBE,
    startupProbe: PROBE,
  },
};

const FILE_MODE: Schema = { type: 'object', fields: { defaultMode: int32({ default: 420 }) } };

const TOLERATION: Schema = {
  type: 'object',
  fields: {
    key: TEXT,
    operator: { type: 'string', oneOf: ['Equal', 'Exists', 'Gt', 'Lt'] },
    value: TEXT,
    effect: { type: 'string', oneOf: ['', 'NoExecute', 'NoSchedule', 'PreferNoSchedule'] },
    tolerationSeconds: { type: 'integer' },
  },
};

/** A pod's spec: types, and the defaults that hang on nothing else. */
export const POD_SPEC: Schema = {
  type: 'object',
  fields: {
    containers: { type: 'list', items: CONTAINER },
    initContainers: { type: 'list', items: CONTAINER },
    volumes: {
      type: 'list',
      items: {
        type: 'object',
        fields: { name: TEXT, secret: FILE_MODE, configMap: FILE_MODE, projected: FILE_MODE, downwardAPI: FILE_MODE },
      },
    },
    restartPolicy: { type: 'string', default: 'Always', oneOf: ['Always', 'Never', 'OnFailure'] },
    terminationGracePeriodSeconds: { type: 'integer', default: 30 },
    activeDeadlineSeconds: { type: 'integer' },
    dnsPolicy: { type: 'string', default: 'ClusterFirst' },
    schedulerName: { type: 'string', default: 'default-scheduler' },
    securityContext: { type: 'object', fields: {}, default: {} },
    hostNetwork: { type: 'boolean' },
    nodeName: TEXT,
    nodeSelector: TEXT_MAP,
    tolerations: { type: 'list', items: TOLERATION },
    overhead: QUANTITIES,
    resources: RESOURCES,
    serviceAccountName: TEXT,
    priority: int32(),
    priorityClassName: TEXT,
  },
};

/** `spec.template` of what makes pods. */
export const POD_TEMPLATE: Schema = {
  type: 'object',
  fields: {
    metadata: { type: 'object', fields: { labels: TEXT_MAP, annotations: TEXT_MAP } },
    spec: POD_SPEC,
  },
};

/** A structured label selector. */
export const LABEL_SELECTOR: Schema = {
  type: 'object',
  fields: {
    matchLabels: TEXT_MAP,
    matchExpressions: {
      type: 'list',
      items: {
        type: 'object',
        fields: { key: TEXT, operator: TEXT, values: { type: 'list', items: TEXT } },
      },
    },
  },
};
