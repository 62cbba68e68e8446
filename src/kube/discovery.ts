/** Which kinds the server serves: from its aggregated documents, or from one document per version where it has none. */

import { KubeError, type ApiResource } from '../ports/kube-api.ts';
import { isRecord, recordsOf, textOf, type JsonRecord } from './json-shape.ts';
import { addressOfPath } from './paths.ts';
import { brokenAnswer } from './refusal.ts';
import type { Transport } from './transport.ts';

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** In the server's order of groups and versions. Versions whose server is away are left out. */
export async function discoverResources(
  transport: Pick<Transport, 'json'>,
  signal: AbortSignal,
): Promise<readonly ApiResource[]> {
  const read = (path: string, accept: string): Promise<JsonRecord> => document(transport, { path, accept }, signal);
  const both = `${AGGREGATED},application/json`;
  const core = await read('/api', both).catch((error: unknown) => {
    if (error instanceof KubeError && error.status.code === 404) return undefined; // some servers serve groups only
    throw error;
  });
  const groups = await read('/apis', both);
  if ((core === undefined || isAggregated(core)) && isAggregated(groups)) {
    return [...(core === undefined ? [] : aggregated(core)), ...aggregated(groups)];
  }
  // an answer in the new form has nothing to offer in the old one
  const plain = (path: string, known: JsonRecord): Promise<JsonRecord> | JsonRecord =>
    isAggregated(known) ? read(path, 'application/json') : known;
  const versions = [
    ...(core === undefined ? [] : coreVersions(await plain('/api', core))),
    ...groupVersions(await plain('/apis', groups)),
  ];
  return classic(versions, (path) => read(path, 'application/json'));
}

async function document(
  transport: Pick<Transport, 'json'>,
  { path, accept }: { readonly path: string; readonly accept: string },
  signal: AbortSignal,
): Promise<JsonRecord> {
  const body = await transport.json({ method: 'GET', ...addressOfPath(path), accept }, signal);
  if (!isRecord(body)) throw brokenAnswer(`the discovery document ${path} is no object`);
  return body;
}

const isAggregated = (body: JsonRecord): boolean => body['kind'] === 'APIGroupDiscoveryList';

function aggregated(list: JsonRecord): readonly ApiResource[] {
  return recordsOf(list, 'items').flatMap((item) => {
    const group = isRecord(item['metadata']) ? (textOf(item['metadata'], 'name') ?? '') : '';
    // of a stale version only is known that it was there once
    const versions = recordsOf(item, 'versions').filter((version) => version['freshness'] !== 'Stale');
    return versions.flatMap((entry, i) => {
      const version = textOf(entry, 'version') ?? '';
      return recordsOf(entry, 'resources').flatMap((resource) => {
        const { responseKind } = resource;
        const kind = isRecord(responseKind) ? (textOf(responseKind, 'kind') ?? '') : '';
        if (kind === '') return [];
        const found: ApiResource = {
          group,
          version,
          resource: textOf(resource, 'resource') ?? '',
          kind,
          namespaced: resource['scope'] === 'Namespaced',
          preferred: i === 0,
          subresources: recordsOf(resource, 'subresources').map((sub) => textOf(sub, 'subresource') ?? ''),
        };
        return [found];
      });
    });
  });
}

type GroupVersion = { readonly group: string; readonly version: string; readonly preferred: boolean };

function coreVersions(document: JsonRecord): readonly GroupVersion[] {
  const versions = document['versions'];
  if (!Array.isArray(versions)) return [];
  return versions
    .filter((version) => typeof version === 'string')
    .map((version, i) => ({ group: '', version, preferred: i === 0 }));
}

function groupVersions(list: JsonRecord): readonly GroupVersion[] {
  return recordsOf(list, 'groups').flatMap((entry) => {
    const group = textOf(entry, 'name') ?? '';
    const preferred = isRecord(entry['preferredVersion']) ? textOf(entry['preferredVersion'], 'version') : undefined;
    return recordsOf(entry, 'versions').map((each) => {
      const version = textOf(each, 'version') ?? '';
      return { group, version, preferred: version === preferred };
    });
  });
}

/** How many documents are asked for at once. */
const AT_ONCE = 8;

async function classic(
  versions: readonly GroupVersion[],
  read: (path: string) => Promise<JsonRecord>,
): Promise<readonly ApiResource[]> {
  const found: ApiResource[][] = [];
  const failures: KubeError[] = [];
  const queue = versions.entries();
  const work = async (): Promise<void> => {
    for (const [i, each] of queue) {
      const { group, version } = each;
      try {
        found[i] = resourcesIn(await read(group === '' ? `/api/${version}` : `/apis/${group}/${version}`), each);
      } catch (error) {
        if (!(error instanceof KubeError)) throw error;
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const [first] = failures;
  if (first !== undefined && failures.length === versions.length) throw first;
  return found.flat();
}

/** Subresources stand in the list beside their resource, as `deployments/scale`. */
function resourcesIn(list: JsonRecord, { group, version, preferred }: GroupVersion): ApiResource[] {
  const entries = recordsOf(list, 'resources').map((entry) => ({ entry, name: textOf(entry, 'name') ?? '' }));
  return entries
    .filter(({ name }) => name !== '' && !name.includes('/'))
    .map(({ entry, name }) => ({
      group,
      version,
      resource: name,
      kind: textOf(entry, 'kind') ?? '',
      namespaced: entry['namespaced'] === true,
      preferred,
      subresources: entries
        .filter((other) => other.name.startsWith(`${name}/`))
        .map((other) => other.name.slice(name.length + 1)),
    }));
}
