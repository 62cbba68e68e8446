/** `--feature-gates`: upstream's gates that say how the HPA controller decides, in upstream's spelling. */

import { InvalidArgumentError } from 'commander';
import { DEFAULT_HPA_GATES, type HpaGates } from '../../core/hpa/config.ts';
import { nearest } from '../nearest.ts';
import { parseBoolean } from './flag-values.ts';

/** What was asked for, by gate. */
export type AskedGates = Readonly<Record<string, boolean>>;

/** Generally available in 1.37, so it cannot be switched off. Spec: HPA-24.1. */
const LOCKED = 'HPAConfigurableTolerance';
/** Every gate that is not locked is beta in 1.37; no alpha gate concerns the HPA. Spec: HPA-24.2 to HPA-24.6. */
const ALL_BETA = 'AllBeta';
const ALL_ALPHA = 'AllAlpha';
const GATES = Object.keys(DEFAULT_HPA_GATES);
const KNOWN = [...GATES, LOCKED, ALL_ALPHA, ALL_BETA];

/** Reads `Gate=true,Other=false`, beside what earlier flags asked for. */
export function parseFeatureGates(text: string, before: AskedGates = {}): AskedGates {
  const asked: Record<string, boolean> = { ...before };
  for (const part of text.split(',').filter((one) => one.trim() !== '')) {
    const [name = '', value] = part
      .trim()
      .split('=')
      .map((one) => one.trim());
    if (value === undefined) throw new InvalidArgumentError(`missing bool value for ${name}: write ${name}=true`);
    if (!KNOWN.includes(name)) throw new InvalidArgumentError(unknownText(name));
    const on = parseBoolean(value);
    if (on === undefined) throw new InvalidArgumentError(`${part.trim()} is neither true nor false`);
    if (name === LOCKED && !on)
      throw new InvalidArgumentError(`cannot set feature gate ${name} to false, feature is locked to true`);
    if (asked[name] !== undefined && asked[name] !== on)
      throw new InvalidArgumentError(`${name} is asked to be both true and false`);
    asked[name] = on;
  }
  return asked;
}

/** A gate that is asked for itself goes before what is asked for all of its kind. */
export function gatesOf(asked: AskedGates = {}): HpaGates {
  const all = asked[ALL_BETA];
  const entries = Object.entries(DEFAULT_HPA_GATES).map(([name, value]) => [name, asked[name] ?? all ?? value]);
  return Object.fromEntries(entries) as HpaGates; // the same gates
}

function unknownText(name: string): string {
  const meant = nearest(name, KNOWN);
  const known = `known are ${[...GATES, LOCKED].join(', ')}; leave gates of other parts of Kubernetes out`;
  return `unrecognized feature gate: ${name}${meant === undefined ? `: ${known}` : `: did you mean ${meant}?`}`;
}
