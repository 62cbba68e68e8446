/**
 * What the original's client libraries remember of discovery: kinds until they are told to forget them, the kind of a scale subresource
 * for good, the version of custom metrics until it is forgotten. Discovery takes no time in a case, but faults strike it.
 */

import type { DiscoveredKind, Failure } from '../core/hpa/conversation.ts';
import {
  customMetricsVersion,
  type CustomMetricsVersion,
  type ListedGroup,
} from '../core/hpa/custom-metrics-version.ts';
import type { GroupVersionResource } from '../core/kube/resource.ts';
import { err, ok, type Result } from '../lib/result.ts';
import { failureOf, isSuccess } from './hpa-case-client.ts';
import type { CaseAnswer, CaseServer } from './hpa-case-server.ts';
import type { CaseResource } from './hpa-cases.types.ts';

export type CaseMapperDeps = {
  readonly server: CaseServer;
  /** Told of errors that are only logged. */
  readonly handled: (text: string) => void;
};

export class CaseMapper {
  readonly #deps: CaseMapperDeps;
  readonly #scaleKinds = new Set<string>();
  #kinds: readonly DiscoveredKind[] | undefined;
  #customMetrics: CustomMetricsVersion | undefined;

  constructor(deps: CaseMapperDeps) {
    this.#deps = deps;
  }

  reset(): void {
    this.#kinds = undefined;
    this.#customMetrics = undefined;
  }

  /**
   * Every kind that is served. A version of a group that cannot be read is left out, and its error only logged.
   *
   * Spec: HPA-3.1.   Source: client-go discovery/cached/memory/memcache.go, restmapper/discovery.go (v0.37.2).
   */
  kinds(): Result<readonly DiscoveredKind[], Failure> {
    if (this.#kinds !== undefined) return ok(this.#kinds);
    const groups = this.#groups();
    if (!groups.ok) {
      this.#deps.handled(groups.error.message);
      return groups;
    }
    const documents = groups.value.flatMap((group) =>
      group.versions.map((version) => ({ group, version, read: this.#readVersion(group.name, version) })),
    );
    // what failed for a while is asked for once more when the cache is first read
    this.#kinds = documents.flatMap(({ group, version, read }) => {
      const again = !read.ok && isTransient(read.error) ? this.#readVersion(group.name, version) : read;
      return (again.ok ? again.value : []).map(({ resource, kind }) => {
        return { group: group.name, version, resource, kind, preferred: group.preferred === version };
      });
    });
    return ok(this.#kinds);
  }

  /** Which version of custom metrics is spoken. Spec: HPA-20.8. */
  customMetrics(): Result<CustomMetricsVersion, Failure> {
    if (this.#customMetrics !== undefined) return ok(this.#customMetrics);
    const groups = this.#groups();
    if (!groups.ok) return groups;
    const version = customMetricsVersion(groups.value);
    if (!version.ok) return err(failed(version.error));
    this.#customMetrics = version.value;
    return version;
  }

  /** What keeps a scale from being written: the kind of its subresource is looked up once. Spec: HPA-3.9. */
  scaleKind(resource: GroupVersionResource): Failure | undefined {
    const name = `${resource.group}/${resource.version}, Resource=${resource.resource}`;
    if (this.#scaleKinds.has(name)) return undefined;
    const document = this.#document(resource.group, resource.version);
    const read = this.#served(document, resource);
    const what = `could not find proper group-version for scale subresource of ${name}`;
    if (!read.ok) return failed(`${what}: unable to fetch discovery information for ${name}: ${read.error.message}`);
    if (!read.value.some(({ resource: plural, scale }) => plural === resource.resource && scale === true))
      return failed(`${what}: could not find scale subresource for ${name} in discovery information`);
    this.#scaleKinds.add(name);
    return undefined;
  }

  /** The groups, the core one first; without it where it is not served. Errors here are told without their message. */
  #groups(): Result<readonly ListedGroup[], Failure> {
    const { server } = this.#deps;
    const core = server.discover('/api');
    if (!isSuccess(core) && core.code !== 404) return err(failureOf(core, NOTHING, 'raw'));
    const named = server.discover('/apis');
    if (!isSuccess(named)) return err(failureOf(named, NOTHING, 'raw'));
    const versions = isSuccess(core) ? (core.body as readonly string[]) : []; // documents of our own making
    const groups = Array.isArray(named.body) ? (named.body as readonly ListedGroup[]) : []; // as above
    return ok(versions.length === 0 ? groups : [{ name: '', versions, preferred: versions[0] ?? '' }, ...groups]);
  }

  #readVersion(group: string, version: string): Result<readonly CaseResource[], Failure> {
    const read = this.#served(this.#document(group, version), { group, version });
    if (!read.ok) this.#deps.handled(read.error.message);
    return read;
  }

  /** A core version that is not there counts as an empty one. */
  #served(
    document: CaseAnswer,
    { group, version }: { readonly group: string; readonly version: string },
  ): Result<readonly CaseResource[], Failure> {
    if (isSuccess(document)) return ok(Array.isArray(document.body) ? (document.body as readonly CaseResource[]) : []);
    const failure = failureOf(document, NOTHING);
    const isNotFound = failure.reason === 'NotFound' || (failure.reason === '' && failure.code === 404);
    return group === '' && version === 'v1' && isNotFound ? ok([]) : err(failure);
  }

  #document(group: string, version: string): CaseAnswer {
    return this.#deps.server.discover(group === '' ? `/api/${version}` : `/apis/${group}/${version}`);
  }
}

/** Discovery is about no resource. */
const NOTHING = { method: 'GET', subject: { group: '', resource: '', name: '' } } as const;

function isTransient({ code, reason }: Failure): boolean {
  return code >= 500 || reason === 'TooManyRequests' || (reason === '' && code === 429);
}

function failed(message: string): Failure {
  return { code: 0, reason: '', message };
}
