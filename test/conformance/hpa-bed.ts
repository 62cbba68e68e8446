/** What the run of the guide's HPA needs of a bed: the guide's own objects, the account of deploy/, and the four flags. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { ELECTION_DEFAULTS } from '../../src/cli/hpa/settings.ts';
import type { AnyObject } from '../../src/core/kube/object.ts';
import { grantedBy, leaseRightsOf, the } from '../support/deploy.ts';
import type { Bed } from './bed/bed.ts';
import { examples, refused, scopeOf } from './deploy-bed.ts';

const ROOT = new URL('../../', import.meta.url);

export type HpaSet = 'hpa' | 'hpa-dry-run';

export const SYNC_MS = 2000;
export const STABILIZATION_MS = 15_000;
export const CPU_INITIALIZATION_MS = 5000;
/** For either loop: kube-controller-manager and `tandem hpa` call them the same. */
export const LOOP_FLAGS: readonly string[] = [
  `--horizontal-pod-autoscaler-sync-period=${SYNC_MS / 1000}s`,
  `--horizontal-pod-autoscaler-downscale-stabilization=${STABILIZATION_MS / 1000}s`,
  '--horizontal-pod-autoscaler-initial-readiness-delay=2s',
  `--horizontal-pod-autoscaler-cpu-initialization-period=${CPU_INITIALIZATION_MS / 1000}s`,
];

/** An object of the guide's scenario, in the very text of examples/guide.yaml. */
export function guideText(kind: 'HorizontalPodAutoscaler' | 'Deployment'): string {
  const documents = readFileSync(new URL('examples/guide.yaml', ROOT), 'utf8').split(/^---$/m);
  const found = documents.filter((text) => (parse(text) as AnyObject).kind === kind); // objects, all of them
  if (found.length !== 1) throw new Error(`the guide has ${found.length} objects of kind ${kind}, expected one`);
  return found[0] ?? '';
}

/** Applies the rights of a folder of deploy/ without its Deployment: the process runs here, under the same account. */
export async function grant(bed: Bed, set: HpaSet): Promise<void> {
  await bed.kubectl(['apply', '-f', fileURLToPath(new URL(`deploy/${set}/1-rights.yaml`, ROOT))]);
  const rights = grantedBy(set).flatMap(examples);
  const granted = async (): Promise<boolean> => {
    const missing = await refused(bed, { set, rights, namespace: scopeOf(set) });
    return missing.length === 0 && (await refusedOfLease(bed, set)).length === 0;
  };
  await bed.waitFor(`the rights of deploy/${set} are in force`, granted, { timeoutMs: 60_000 });
}

/** The rights of a set to its Lease that the API server does not give it. */
export async function refusedOfLease(bed: Bed, set: HpaSet): Promise<readonly string[]> {
  const rights = leaseRightsOf(set);
  if (rights.length === 0) return [];
  const { namespace, name } = ELECTION_DEFAULTS.key;
  return refused(bed, { set, rights, namespace, name });
}

/** A kubeconfig with nothing but a token of the set's service account. */
export async function accountKubeconfig(bed: Bed, set: HpaSet): Promise<string> {
  const { name, namespace = '' } = the(set, 'ServiceAccount').metadata;
  const token = await bed.kubectl(['create', 'token', name, '-n', namespace, '--duration=1h']);
  const admin = parse(readFileSync(bed.kubeconfig, 'utf8')) as Readonly<Record<string, unknown>>; // machine.sh writes it
  const file = join(bed.directory, 'hpa-account.kubeconfig');
  const users = [{ name: 'bed', user: { token: token.trim() } }];
  writeFileSync(file, JSON.stringify({ ...admin, users }), { mode: 0o600 });
  return file;
}

/** One line of evidence, for whoever collects them: `evidence: name=value ...`, units in the names. */
export function evidence(values: Readonly<Record<string, string | number>>): void {
  const parts = Object.entries(values).map(([name, value]) => `${name}=${value}`);
  process.stderr.write(`evidence: ${parts.join(' ')}\n`);
}
