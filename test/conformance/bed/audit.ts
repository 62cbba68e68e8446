/** Reads the API server's audit log: every write to the bed's cluster, by whom, and when. */

import { existsSync, readFileSync } from 'node:fs';

/** One answered write. */
export type Write = {
  readonly at: number;
  readonly verb: string;
  /** As `system:serviceaccount:default:raycluster-autoscaler`, or `admin` for the kubeconfig's user. */
  readonly user: string;
  readonly userAgent: string;
  /** As `rayclusters`, or `deployments/scale` for a sub-resource. */
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly code: number;
  /** What was sent; kept for ray.io, autoscaling, apps and example.com only. */
  readonly body: unknown;
};

type Line = {
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly userAgent?: string;
  readonly objectRef?: {
    readonly resource?: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  readonly responseStatus?: { readonly code?: number };
  readonly requestObject?: unknown;
  readonly stageTimestamp: string;
};

/** All writes so far, oldest first. A last line that is still being written is left out. */
export function readWrites(file: string): readonly Write[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((text) => {
    // the API server's own format
    const line = JSON.parse(text) as Line;
    const { resource = '', subresource, namespace = '', name = '' } = line.objectRef ?? {};
    return {
      at: Date.parse(line.stageTimestamp),
      verb: line.verb,
      user: line.user.username,
      userAgent: line.userAgent ?? '',
      resource: subresource === undefined ? resource : `${resource}/${subresource}`,
      namespace,
      name,
      code: line.responseStatus?.code ?? 0,
      body: line.requestObject,
    };
  });
}
