/** The themes of upstream's end-to-end tests as data: objects, inputs, and the states of an HPA that end a step. All that is compared comes from playing them. */

import type { HorizontalPodAutoscaler } from '../../src/core/kube/hpa.ts';
import type { AnyObject } from '../../src/core/kube/object.ts';
import type { MetricRule, UsageRule } from './bed/bed.ts';
import { CHANGE_THEMES } from './hpa-themes-changes.ts';
import { LIMIT_THEMES } from './hpa-themes-limits.ts';
import { METRIC_THEMES } from './hpa-themes-metrics.ts';

/** A point that is waited for, and recorded. */
export type Rest = {
  readonly name: string;
  readonly hpa: string;
  /** Each is part of a line of the HPA's status (`statusLines`). Together they are not true of the rest before. */
  readonly until: readonly string[];
  /** It lasts for a window only, so it is taken at first sight. Otherwise the status has to stay as it is for some syncs. */
  readonly passes?: true;
};

/** What is done at the begin of a step, in this order. */
export type Inputs = {
  readonly usage?: readonly UsageRule[];
  readonly metrics?: readonly MetricRule[];
  /** `apis`: as on a cluster without metrics-server; `servers`: none of the three groups is reached. `none`: all is back. */
  readonly away?: 'apis' | 'servers' | 'none';
  /** As `deployment/web`. */
  readonly remove?: string;
  readonly apply?: readonly AnyObject[];
  /** Replicas set by hand. */
  readonly scale?: { readonly object: string; readonly replicas: number };
};

export type Step = { readonly inputs: Inputs; readonly rests: readonly Rest[] };

export type Theme = {
  readonly name: string;
  /** What the HPAs are for, and what the objects use before there is any HPA. */
  readonly objects: readonly AnyObject[];
  readonly before: Pick<Inputs, 'usage' | 'metrics'>;
  readonly hpas: readonly HorizontalPodAutoscaler[];
  /** The first one applies no input: it is what the HPAs do when they come. */
  readonly steps: readonly Step[];
  /** It takes away what all themes use, so it plays after the others. */
  readonly alone?: true;
};

export const THEMES: readonly Theme[] = [...METRIC_THEMES, ...LIMIT_THEMES, ...CHANGE_THEMES];
