/**
 * What the Ray autoscaler asks before its first round, in the original's order as far as a peer can tell; and what it publishes.
 * Everything that can be wrong with a cluster, a GCS or an account is put into one sentence here.
 */

import { CLUSTER_LABEL } from '../core/ray/pods.ts';
import { DEFAULT_GCS_PORT } from '../core/ray/gcs-port.ts';
import { checkRayVersion, OLDEST_RAY } from '../core/ray/ray-version.ts';
import type { RayCluster } from '../core/kube/ray.ts';
import { keyText, type ObjectKey } from '../core/kube/object.ts';
import { groupResourceText, PODS, RAY_CLUSTERS } from '../core/kube/resource.ts';
import { seconds } from '../core/time/time.ts';
import { errorText, TandemError } from '../lib/error.ts';
import { GcsError, type GcsKey, type GcsStart, type HeadNode } from '../ports/gcs-api.ts';
import { KubeError, type KubeApi } from '../ports/kube-api.ts';
import { strangerText, unansweredText } from './api-server-text.ts';
import { callWithin } from './call.ts';
import { isAbort } from './deps.ts';
import { GRANT, missingRights } from './ray-permissions.ts';
import type { Safety } from './ray-second-writer.ts';
import { untilAnswered, type Judgement, type PatienceDeps } from './patience.ts';

export type RayStart = {
  readonly rayVersion: string;
  readonly head: HeadNode;
  /** Undefined when the GCS holds none. */
  readonly sessionName: string | undefined;
};

const PROBE_PAUSE = seconds(5);
const HEAD_PAUSE = seconds(2);
/** A head that is just coming up is nobody's failure. */
const HEAD_GRACE = seconds(30);
const KV_TIMEOUT = seconds(10);
/** The original reads the RayCluster this often before it gives up. */
const CLUSTER_TRIES = 5;

const V2_FLAG: GcsKey = { namespace: '__autoscaler', name: '__autoscaler_v2_enabled' };
const USAGE_TAG: GcsKey = { namespace: 'usage_stats', name: 'extra_usage_tag_autoscaler_version' };
const SESSION_NAME: GcsKey = { namespace: 'session', name: 'session_name' };
export const METRICS_ADDRESS: GcsKey = { namespace: '', name: 'AutoscalerMetricsAddress' };

/**
 * The first read of the RayCluster, and whether its pods may be listed: what a person can have wrong is told before a GCS is waited for.
 *
 * **Differs:** the original reads it after the GCS has answered.
 * Spec: runtime 1.3 step 9.
 */
export async function readFirstRayCluster(
  deps: PatienceDeps & {
    readonly api: KubeApi;
    /** Of the API server, for sentences. */
    readonly server: string;
    readonly cluster: ObjectKey;
    readonly safety: Safety;
  },
): Promise<RayCluster> {
  const { api, server, cluster } = deps;
  const tries = deps.refused === 'end' ? CLUSTER_TRIES : Infinity;
  /** Whoever lacks one right is told of all at once. */
  const naming = async <T>(call: () => Promise<T>): Promise<T> => {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof KubeError) || error.status.code !== 403) throw error;
      const rights = (await missingRights(deps)).map(({ text }) => text);
      if (rights.length === 0) throw error;
      const message = `${error.status.message}; it lacks: ${rights.join(', ')}`;
      throw new KubeError({ ...error.status, message }, { cause: error });
    }
  };
  const read = await untilAnswered(
    deps,
    {
      what: 'the first read of the RayCluster',
      pauseMs: PROBE_PAUSE,
      tries,
      judge: (error) => judgeKube(error, { server, verbs: 'get', resource: RAY_CLUSTERS, cluster }),
    },
    (options) => naming(() => api.get(RAY_CLUSTERS, cluster, options)),
  );
  const query = { namespace: cluster.namespace, labelSelector: `${CLUSTER_LABEL}=${cluster.name}`, limit: 1 };
  await untilAnswered(
    deps,
    {
      what: 'the first list of pods',
      pauseMs: PROBE_PAUSE,
      tries,
      judge: (error) => judgeKube(error, { server, verbs: 'list', resource: PODS, cluster }),
    },
    (options) => naming(() => api.list(PODS, query, options)),
  );
  return read;
}

export type RayStartDeps = PatienceDeps & {
  readonly gcs: GcsStart;
  /** Of the GCS, for sentences. */
  readonly address: string;
  /** How often the head is looked for. Upstream: RAY_NUM_REDIS_GET_RETRIES. */
  readonly headTries: number;
};

/** Reads only. Spec: runtime 1.3 steps 2, 4, 7, 11. */
export async function startRay(deps: RayStartDeps): Promise<RayStart> {
  const { gcs, address, headTries, log } = deps;
  const rayVersion = await untilAnswered(
    deps,
    {
      what: `the GCS at ${address}`,
      pauseMs: PROBE_PAUSE,
      tries: Infinity,
      graceMs: HEAD_GRACE,
      judge: (error) => judgeGcs(error, address),
    },
    (options) => gcs.rayVersion(options),
  );
  checkVersion(rayVersion, deps);
  const noHead = new GcsError('TANDEM_GCS_UNAVAILABLE', `no head node is registered in the GCS at ${address}`);
  const head = await untilAnswered(
    deps,
    {
      what: 'the list of Ray nodes',
      pauseMs: HEAD_PAUSE,
      tries: headTries,
      graceMs: HEAD_GRACE,
      judge: (error) => (error === noHead ? { kind: 'wait', error: noHead } : judgeGcs(error, address)),
    },
    async (options) => {
      const found = await gcs.headNode(options);
      if (found === undefined) throw noHead;
      return found;
    },
  );
  const flag = await getKey(deps, V2_FLAG);
  if (flag !== '1')
    log.warn(
      `the head does not run with the v2 autoscaler (${V2_FLAG.name} is ${flag ?? 'not set'}): it is scaled all the same, but \`ray status\` and request_resources use paths that are not served; set autoscalerOptions.version: v2`,
    );
  return { rayVersion, head, sessionName: await getKey(deps, SESSION_NAME) };
}

/** Puts the two keys that others read. A failure is said and survived. Spec: runtime 1.3 steps 8, 10. */
export async function publishStart(
  deps: Pick<RayStartDeps, 'gcs' | 'clock' | 'signal' | 'log'>,
  metricsAddress: string | undefined,
): Promise<void> {
  const { gcs, clock, signal, log } = deps;
  const put = async (entry: Parameters<GcsStart['putKey']>[0]): Promise<void> => {
    try {
      const deadline = { clock, timeout: KV_TIMEOUT, signal };
      await callWithin(`the put of ${entry.name}`, deadline, (options) => gcs.putKey(entry, options));
    } catch (error) {
      if (isAbort(error, signal)) throw error;
      log.warn(`${entry.name} could not be put into the GCS: ${errorText(error)}`);
    }
  };
  await put({ ...USAGE_TAG, value: 'v2', existing: 'keep' });
  if (metricsAddress !== undefined) await put({ ...METRICS_ADDRESS, value: metricsAddress, existing: 'overwrite' });
}

/** A key that is nice to have: undefined when it is not there or cannot be read. */
export async function getKey(
  { gcs, clock, signal }: Pick<RayStartDeps, 'gcs' | 'clock' | 'signal'>,
  key: GcsKey,
): Promise<string | undefined> {
  try {
    const deadline = { clock, timeout: KV_TIMEOUT, signal };
    return await callWithin(`the read of ${key.name}`, deadline, (options) => gcs.getKey(key, options));
  } catch (error) {
    if (isAbort(error, signal)) throw error;
    return undefined;
  }
}

const USUAL_PORT = `a GCS is on port ${DEFAULT_GCS_PORT} unless rayStartParams say otherwise`;

/** What a failed call to the GCS means for a start. */
export function judgeGcs(error: unknown, address: string): Judgement {
  const code = error instanceof TandemError ? error.code : undefined;
  const text = errorText(error);
  const why = text.includes(address) ? text : `the GCS at ${address}: ${text}`;
  const judged = (
    kind: Judgement['kind'],
    as: 'TANDEM_GCS_UNAUTHENTICATED' | 'TANDEM_GCS_UNIMPLEMENTED' | 'TANDEM_GCS_UNAVAILABLE',
    message: string,
  ): Judgement => ({ kind, error: new GcsError(as, message, { cause: error }) });
  if (code === 'TANDEM_GCS_UNAUTHENTICATED')
    return judged(
      'refused',
      code,
      `${why}: set RAY_AUTH_MODE=token and RAY_AUTH_TOKEN (or RAY_AUTH_TOKEN_PATH) to the token that the head was started with`,
    );
  if (code === 'TANDEM_GCS_UNIMPLEMENTED')
    return judged(
      'end',
      code,
      `${why}: check the address, ${USUAL_PORT}; if it is right, its Ray has no v2 autoscaler, and Ray ${OLDEST_RAY} or newer is needed`,
    );
  // an answer that makes no sense came from somewhere
  if (code === 'TANDEM_GCS_INVALID') return judged('wait', 'TANDEM_GCS_UNAVAILABLE', why);
  return judged(
    'wait',
    'TANDEM_GCS_UNAVAILABLE',
    `${why}; is the head pod running? Check the address, ${USUAL_PORT}; another one: --gcs-address HOST:PORT`,
  );
}

function checkVersion(version: string, { address, log }: RayStartDeps): void {
  switch (checkRayVersion(version)) {
    case 'served':
      return;
    case 'unknown':
      log.warn(`the Ray at ${address} calls its version ${JSON.stringify(version)}: it is taken for a new one`);
      return;
    case 'too-old':
      throw new GcsError(
        'TANDEM_GCS_UNIMPLEMENTED',
        `the Ray at ${address} is ${version}, whose autoscaler v2 is not served: Ray ${OLDEST_RAY} or newer is needed`,
      );
  }
}

type Asked = {
  readonly server: string;
  readonly verbs: 'get' | 'list';
  readonly resource: typeof RAY_CLUSTERS | typeof PODS;
  readonly cluster: ObjectKey;
};

function judgeKube(error: unknown, { server, verbs, resource, cluster }: Asked): Judgement {
  if (!(error instanceof KubeError)) {
    return { kind: 'wait', error: unansweredError(error, server) };
  }
  const { status } = error;
  const judged = (kind: Judgement['kind'], message: string): Judgement => ({
    kind,
    error: new KubeError({ ...status, message }, { cause: error }),
  });
  const refuse = (message: string): Judgement => judged('refused', message);
  switch (status.code) {
    case 0:
      return judged('wait', unansweredText(status.message));
    case 401:
      return refuse(strangerText(server, status.message));
    case 403:
      return refuse(
        `this account must not ${verbs} ${groupResourceText(resource)} in namespace ${cluster.namespace}, and without that nothing is scaled: ${status.message}; ${GRANT}, or name another namespace with --cluster-namespace`,
      );
    case 404:
      return refuse(
        resource === RAY_CLUSTERS
          ? `there is no RayCluster ${keyText(cluster)}: check --cluster-name and --cluster-namespace, and that KubeRay is installed (${status.message})`
          : status.message,
      );
    default:
      return judged('wait', `the API server ${server} gives no answer: ${status.code} ${status.message}`);
  }
}

/** Credentials that cannot be read say it all themselves. */
function unansweredError(error: unknown, server: string): TandemError {
  if (!(error instanceof TandemError)) return new TandemError('TANDEM_KUBE_UNAVAILABLE', errorText(error));
  if (error.code !== 'TANDEM_DEADLINE') return error;
  return new TandemError(error.code, unansweredText(`the API server ${server}: ${error.message}`), { cause: error });
}
