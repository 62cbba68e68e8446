/** Before the first sync: is the cluster there, does it know us, may we do what will be needed, are there metrics? */

import { keyText, type KubeObject, type ObjectKey } from '../../core/kube/object.ts';
import { groupResourceText, LEASES, type Resource } from '../../core/kube/resource.ts';
import { seconds } from '../../core/time/time.ts';
import { strangerText, unansweredText } from '../../controllers/api-server-text.ts';
import { callWithin } from '../../controllers/call.ts';
import { isAbort } from '../../controllers/deps.ts';
import { errorText, TandemError } from '../../lib/error.ts';
import type { Clock } from '../../ports/clock.ts';
import { KubeError, type CallOptions, type KubeApi } from '../../ports/kube-api.ts';
import type { RawGet } from '../../ports/metrics-api.ts';
import type { ProcessLog } from '../process/process-log.ts';

export type StartChecks = {
  /** For messages. */
  readonly server: string;
  readonly api: KubeApi;
  readonly raw: RawGet;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly log: Pick<ProcessLog, 'info' | 'warn'>;
  readonly needs: 'reads-only' | 'reads-and-writes';
  /** The Lease that must be taken before anything is written; undefined: none. */
  readonly lease: ObjectKey | undefined;
};

/** Version of the cluster. Rejects with a coded sentence when nothing can be decided here; what is only partly missing is warned of. */
export async function checkStart(checks: StartChecks): Promise<string> {
  const version = await serverVersion(checks);
  await checkPermissions(checks);
  await checkMetrics(checks);
  return version;
}

const TIMEOUT = seconds(10);

function ask<T>({ clock, signal }: StartChecks, what: string, call: (options: CallOptions) => Promise<T>): Promise<T> {
  return callWithin(what, { clock, signal, timeout: TIMEOUT }, call);
}

async function serverVersion(checks: StartChecks): Promise<string> {
  try {
    const answer = await ask(checks, 'the version of the server', (options) => checks.raw.get('/version', {}, options));
    const { gitVersion } = answer as { readonly gitVersion?: unknown }; // checked below
    return typeof gitVersion === 'string' ? gitVersion : 'of a version it does not tell';
  } catch (error) {
    if (isAbort(error, checks.signal) || !(error instanceof TandemError)) throw error;
    const text = refusalText(checks.server, error);
    throw text === undefined ? error : new TandemError(error.code, text, { cause: error });
  }
}

/** Undefined for what says it all itself: credentials that cannot be read, for one. */
function refusalText(server: string, error: TandemError): string | undefined {
  const { message } = error;
  if (!(error instanceof KubeError)) {
    return error.code === 'TANDEM_DEADLINE' ? unansweredText(`the API server ${server}: ${message}`) : undefined;
  }
  const { code } = error.status;
  switch (code) {
    case 0:
      return unansweredText(message); // it names the server
    case 401:
      return strangerText(server, message);
    case 403:
      return `the API server ${server} does not even tell its version (403 ${message}): bind this user to the ClusterRole system:discovery`;
    default:
      return `the API server ${server} does not answer as one does: ${code} ${message}`;
  }
}

type Permission = {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  /** Of one object; absent: of all, in all namespaces. */
  readonly object?: ObjectKey;
  /** What does not work without it. */
  readonly without: string;
  /** `needed`: for every decision. `lead`: to begin at all. Without the others something works less. */
  readonly kind: 'needed' | 'read' | 'write' | 'lead';
};

const HPA = { group: 'autoscaling', resource: 'horizontalpodautoscalers' };
const POD = { group: '', resource: 'pods' };
const DEPLOYMENT_SCALE = { group: 'apps', resource: 'deployments', subresource: 'scale' };

/** Least rights in use; Deployments stand for all that can be scaled. Spec: HPA-17.4, HPA-17.8. */
const PERMISSIONS: readonly Permission[] = [
  { ...HPA, verb: 'list', kind: 'needed', without: 'no HPA is known' },
  { ...HPA, verb: 'watch', kind: 'needed', without: 'a new or edited HPA is not noticed' },
  { ...POD, verb: 'list', kind: 'needed', without: 'pods cannot be counted' },
  { ...POD, verb: 'watch', kind: 'needed', without: 'the count of pods grows old' },
  { ...DEPLOYMENT_SCALE, verb: 'get', kind: 'read', without: 'HPAs of Deployments fail with FailedGetScale' },
  {
    group: 'metrics.k8s.io',
    resource: 'pods',
    verb: 'list',
    kind: 'read',
    without: 'HPAs with CPU or memory metrics keep their number of replicas',
  },
  {
    group: 'custom.metrics.k8s.io',
    resource: '*',
    verb: 'get',
    kind: 'read',
    without: 'HPAs with Pods or Object metrics keep their number of replicas',
  },
  {
    group: 'external.metrics.k8s.io',
    resource: '*',
    verb: 'list',
    kind: 'read',
    without: 'HPAs with External metrics keep their number of replicas',
  },
  { ...DEPLOYMENT_SCALE, verb: 'update', kind: 'write', without: 'HPAs of Deployments fail with FailedRescale' },
  { ...HPA, subresource: 'status', verb: 'update', kind: 'write', without: 'HPAs do not show what was decided' },
  { group: '', resource: 'events', verb: 'create', kind: 'write', without: 'no event tells of a scale' },
  { group: '', resource: 'events', verb: 'patch', kind: 'write', without: 'repeated events are not counted' },
];

/** Spec: HPA-17.8. */
function leasePermissions(object: ObjectKey): readonly Permission[] {
  const { group, resource } = LEASES;
  return [
    { group, resource, object, verb: 'get', kind: 'lead', without: 'nobody knows who holds it' },
    { group, resource, object, verb: 'update', kind: 'lead', without: 'it can be neither taken nor kept' },
    // a name means nothing to a create
    {
      group,
      resource,
      object: { ...object, name: '' },
      verb: 'create',
      kind: 'write',
      without: 'it must be there already',
    },
  ];
}

type AccessReview = KubeObject & {
  readonly spec: { readonly resourceAttributes: Readonly<Record<string, string>> };
  readonly status?: { readonly allowed?: boolean };
};

const ACCESS_REVIEWS: Resource<AccessReview> = {
  group: 'authorization.k8s.io',
  version: 'v1',
  resource: 'selfsubjectaccessreviews',
  kind: 'SelfSubjectAccessReview',
  namespaced: false,
};

async function checkPermissions(checks: StartChecks): Promise<void> {
  const { log, signal, needs, lease } = checks;
  const forWrites = PERMISSIONS.filter(({ kind }) => kind !== 'write' || needs === 'reads-and-writes');
  const asked = [...forWrites, ...(lease === undefined ? [] : leasePermissions(lease))];
  let missing: readonly Permission[];
  try {
    const answers = await Promise.all(asked.map((permission) => isAllowed(checks, permission)));
    missing = asked.filter((_, i) => answers[i] === false);
  } catch (error) {
    if (isAbort(error, signal)) throw error;
    return log.warn(
      `permissions could not be checked, a missing one will show as a failed request: ${errorText(error)}`,
    );
  }
  refuseWithout(missing, checks);
  for (const permission of missing)
    log.warn(
      `missing permission ${permissionText(permission)}; grant it in the account's ${roleOf(permission)} (${roleFile(needs)})`,
    );
}

/** Throws when nothing can be decided, or nothing ever written, with these missing. */
function refuseWithout(missing: readonly Permission[], { needs, lease }: StartChecks): void {
  const lines = missing.map((permission) => `  ${permissionText(permission)}`);
  const refuse = (first: string): never => {
    throw new TandemError('TANDEM_KUBE_FORBIDDEN', [first, ...lines].join('\n'));
  };
  if (missing.some(({ kind }) => kind === 'needed'))
    refuse(
      `this user may not read what every decision is made of: give it the ClusterRole of the HPA controller (${roleFile(needs)})`,
    );
  if (lease !== undefined && missing.some(({ kind }) => kind === 'lead'))
    refuse(
      `this user may not take the lease ${keyText(lease)}: give it the Role of the HPA controller (${roleFile(needs)}), or run a single process with --leader-elect=false`,
    );
}

function roleFile(needs: StartChecks['needs']): string {
  return needs === 'reads-only' ? 'deploy/hpa-dry-run/1-rights.yaml' : 'deploy/hpa/1-rights.yaml';
}

function roleOf({ object }: Permission): string {
  return object === undefined ? 'ClusterRole' : 'Role';
}

function permissionText({ verb, subresource, without, object, ...resource }: Permission): string {
  const name = groupResourceText(resource);
  const [plural = '', ...group] = name.split('.');
  const full = subresource === undefined ? name : [`${plural}/${subresource}`, ...group].join('.');
  const where = object === undefined ? 'in all namespaces' : `in namespace ${object.namespace}`;
  return `${verb} ${full} ${where}: without it ${without}`;
}

async function isAllowed(checks: StartChecks, permission: Permission): Promise<boolean> {
  const { verb, group, resource, subresource, object } = permission;
  const resourceAttributes = {
    verb,
    group,
    resource,
    ...(subresource === undefined ? {} : { subresource }),
    ...(object === undefined ? {} : object),
  };
  const review: AccessReview = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: ACCESS_REVIEWS.kind,
    metadata: { name: '' },
    spec: { resourceAttributes },
  };
  const { status } = await ask(checks, 'a check of permissions', (options) =>
    checks.api.create(ACCESS_REVIEWS, review, options),
  );
  return status?.allowed === true;
}

async function checkMetrics(checks: StartChecks): Promise<void> {
  const { log, signal, raw } = checks;
  const held = 'until then HPAs with CPU or memory metrics keep their number of replicas';
  try {
    await ask(checks, 'discovery of the metrics API', (options) =>
      raw.get('/apis/metrics.k8s.io/v1beta1', {}, options),
    );
  } catch (error) {
    if (isAbort(error, signal)) throw error;
    log.warn(`${metricsTrouble(error)}; ${held}`);
  }
}

function metricsTrouble(error: unknown): string {
  switch (error instanceof KubeError ? error.status.code : 0) {
    case 404:
      return 'the cluster has no metrics API (metrics.k8s.io): install metrics-server';
    case 401:
    case 403:
      return `this user may not ask whether there is a metrics API (metrics.k8s.io): ${errorText(error)}; bind it to the ClusterRole system:discovery`;
    default:
      return `the metrics API (metrics.k8s.io) does not answer: ${errorText(error)}; look at metrics-server`;
  }
}
