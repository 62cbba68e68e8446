/**
 * Which failures are told, and when. A controller that cannot decide says so every round; told is what is new in it: another cause,
 * not another number or pod name, and that it is over. What comes and goes is told three times.
 */

import { plainFailure } from '../../sim/words.ts';
import type { DecisionRecord } from '../../ports/recorder.ts';

/** One line to show; undefined when the record brings no news. */
export type Trouble = {
  /** `failed`: nothing could be decided. `waits`: as it must be at the start. `stuck`: pods find no node. `over`: it works again. */
  readonly kind: 'failed' | 'waits' | 'stuck' | 'over';
  readonly text: string;
};

type Episode = { readonly shown: Set<string>; lastAt: number; isAboutMetrics: boolean };

/** This long after its first look an HPA without any sample is no longer at its start. */
const START_MS = 180_000;
/** The provisioner looks at waiting pods every 10 s: after this silence none waited any more. */
const SILENCE_MS = 60_000;
const MOST_TIMES = 3;

export class Troubles {
  readonly #first = new Map<string, number>();
  readonly #decided = new Set<string>();
  readonly #episodes = new Map<string, Episode>();
  readonly #times = new Map<string, number>();

  /** What is new in a record of the object named `key`. Records come in the order of their time. */
  newsIn(key: string, record: DecisionRecord): Trouble | undefined {
    const first = this.#first.get(key) ?? record.at;
    this.#first.set(key, first);
    const trouble = this.#troubleOf(key, record, record.at - first);
    if (trouble !== undefined) return this.#isNew(key, record, trouble) ? this.#counted(key, trouble) : undefined;
    this.#decided.add(key);
    return this.#over(key, record);
  }

  #troubleOf(key: string, { decision, reason, message, layer }: DecisionRecord, ageMs: number): Trouble | undefined {
    if (decision.kind === 'fail') {
      const text = plainFailure(message);
      const isStart = layer === 'hpa' && !this.#decided.has(key) && ageMs < START_MS && hasNoSamples(message);
      return isStart
        ? { kind: 'waits', text: 'no metrics yet: the first pods have to start and be measured' }
        : { kind: 'failed', text };
    }
    return layer === 'nodes' && decision.kind === 'hold' && reason === 'FailedScheduling'
      ? { kind: 'stuck', text: message }
      : undefined;
  }

  #isNew(key: string, record: DecisionRecord, trouble: Trouble): boolean {
    const substance = `${trouble.kind} ${substanceOf(trouble.text)}`;
    let episode = this.#episodes.get(key);
    if (episode === undefined || (trouble.kind === 'stuck' && record.at - episode.lastAt > SILENCE_MS)) {
      episode = { shown: new Set(), lastAt: record.at, isAboutMetrics: false };
      this.#episodes.set(key, episode);
    }
    episode.lastAt = record.at;
    episode.isAboutMetrics = record.reason.includes('Metric');
    if (episode.shown.has(substance)) return false;
    episode.shown.add(substance);
    const times = (this.#times.get(`${key} ${substance}`) ?? 0) + 1;
    this.#times.set(`${key} ${substance}`, times);
    return times <= MOST_TIMES;
  }

  #counted(key: string, trouble: Trouble): Trouble {
    const times = this.#times.get(`${key} ${trouble.kind} ${substanceOf(trouble.text)}`);
    if (times !== MOST_TIMES) return trouble;
    return { ...trouble, text: `${trouble.text} (it comes and goes: from here on only with --verbose)` };
  }

  /** The first decision after a failure. Pods that found a node are told by the decision itself. */
  #over(key: string, record: DecisionRecord): Trouble | undefined {
    const episode = this.#episodes.get(key);
    if (episode === undefined || record.layer === 'nodes') return undefined;
    this.#episodes.delete(key);
    const times = Math.max(...[...episode.shown].map((substance) => this.#times.get(`${key} ${substance}`) ?? 0));
    if (times > MOST_TIMES) return undefined;
    return { kind: 'over', text: episode.isAboutMetrics ? 'metrics are there' : 'works again' };
  }
}

/** No pod has been measured yet, as opposed to a request that is missing or a metric that nobody knows. */
function hasNoSamples(message: string): boolean {
  return /service unavailable|did not receive metrics for targeted pods|no metrics returned from/.test(message);
}

/** A suffix that the API server or a ReplicaSet made up: five letters without vowels, and digits. */
const MADE_UP = /[a-z0-9][a-z0-9.-]*-[bcdfghjklmnpqrstvwxz2456789]{5}\b/g;

/** What stays of a sentence when names of pods, numbers and how many of them there are do not count. */
export function substanceOf(text: string): string {
  return text
    .replace(MADE_UP, '#')
    .replace(/[\w.-]*\d[\w.-]*/g, '#')
    .replace(/#(,? (and )?#)+/g, '#')
    .replace(/# (\w+?)s\b/g, '# $1')
    .replace(/\bfits?\b|\bwaits?\b/g, '');
}
