/**
 * Where the API server is and how to be let in. The first source that is there counts, and is never mixed with another: the kubeconfig
 * that was asked for, Ray's variables, the service account of this pod, the user's own kubeconfig.
 */

import { delimiter, join } from 'node:path';
import { TandemError } from '../lib/error.ts';
import type { KubeconfigFiles } from './kubeconfig-file.ts';
import { isReadable } from './pem.ts';
import { podConnection, rayVariablesConnection } from './pod-connection.ts';

export type KubeConnection = {
  /** `https://host:port`, with a path where the server is behind one, without a slash at the end. */
  readonly server: string;
  /** Where this comes from, for messages. */
  readonly origin: string;
  /** PEM. Absent: the roots that Node knows. */
  readonly ca?: string;
  /** PEM. */
  readonly clientCertificate?: { readonly certificate: string; readonly key: string };
  /** The name that the server's certificate must carry, where it is not that of the address. */
  readonly serverName?: string;
  /** `none`: anybody may pretend to be the server. Only when a kubeconfig says so. */
  readonly verification?: 'none';
  /** Sent with every request beside the token. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Reads the bearer token; undefined when there is none. */
  readonly token?: () => Promise<string | undefined>;
  /**
   * The same connection with everything read again, where credentials change while the process lives. `age`: a minute has passed.
   * `refused`: the server did not accept what it was given, so nothing kept may be given again.
   */
  readonly renew?: (cause: 'age' | 'refused') => Promise<KubeConnection>;
};

export type Variables = Readonly<Record<string, string | undefined>>;

export type ConnectionSources = {
  /** `--kubeconfig`. */
  readonly kubeconfig?: string;
  /** A context of the kubeconfig other than its current one. */
  readonly context?: string;
  readonly variables: Variables;
  /** Where a pod finds its service account; Kubernetes mounts it at one place only. */
  readonly serviceAccountFolder?: string;
};

const SERVICE_ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Rejects with `TANDEM_KUBE_CONFIG` and a sentence that names the file or variable and the fix. Nothing is sent to the server. */
export async function resolveConnection(sources: ConnectionSources): Promise<KubeConnection> {
  const { kubeconfig, context, variables } = sources;
  const folder = sources.serviceAccountFolder ?? SERVICE_ACCOUNT_FOLDER;
  const choice = context === undefined ? {} : { context };
  if (kubeconfig !== undefined) return kubeconfigConnection({ files: [kubeconfig], source: '--kubeconfig', ...choice });
  // a context is a word of kubeconfigs: whoever names one means theirs, also inside a pod
  if (context === undefined) {
    const rays = await rayVariablesConnection(variables, folder);
    if (rays !== undefined) return rays;
    if (await isReadable(join(folder, 'token'))) return podConnection(variables, folder);
  }
  const listed = (variables['KUBECONFIG'] ?? '').split(delimiter).filter((file) => file !== '');
  if (listed.length > 0) return kubeconfigConnection({ files: listed, source: 'KUBECONFIG', ...choice });
  const home = variables['HOME'] ?? variables['USERPROFILE'];
  const own = home === undefined ? undefined : join(home, '.kube', 'config');
  if (own !== undefined && (await isReadable(own))) {
    return kubeconfigConnection({ files: [own], source: 'the home folder', ...choice });
  }
  const tried = [
    '--kubeconfig is not given',
    'RAY_KUBERAY_CLIENT_CERT_PATH and RAY_KUBERAY_CA_CERT_PATH are not set',
    `there is no service account token ${join(folder, 'token')}`,
    'KUBECONFIG is not set',
    own === undefined ? 'HOME is not set' : `there is no ${own}`,
  ];
  throw new TandemError(
    'TANDEM_KUBE_CONFIG',
    `no way to the API server: ${tried.join(', ')}; give --kubeconfig FILE, or run in a pod that mounts its service account`,
  );
}

/** A pod needs none of what reads kubeconfigs, so it is not loaded there. */
async function kubeconfigConnection(files: KubeconfigFiles): Promise<KubeConnection> {
  const kubeconfig = await import('./kubeconfig.ts');
  return kubeconfig.kubeconfigConnection(files);
}
