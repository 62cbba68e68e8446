/** What came out: one line per layer, then what was expected and whether it held, then what did not work although nothing broke. */

import type { Expectation, LayerSummary, ScenarioResult, Unserved } from '../../sim/scenario-types.ts';
import type { Paint } from './paint.ts';
import { elapsedText } from './time-text.ts';

/** `hpa    HPA web on Deployment web   1 -> 5 -> 1 replicas`. One line per object, the layers in the order given. */
export function renderSummary(layers: readonly LayerSummary[], paint: Paint): string {
  const objects = Math.max(0, ...layers.map(({ object }) => object.length));
  const changes = layers.map(({ first, peak, last, unit }) => `${first} -> ${peak} -> ${last} ${unit}`);
  const width = Math.max(0, ...changes.map((change) => change.length));
  const lines = layers.map(({ layer, object, note }, i) => {
    const change = (changes[i] ?? '').padEnd(note === undefined ? 0 : width + 2);
    return `${paint(layer, layer.padEnd(7))}${object.padEnd(objects)}  ${change}${note ?? ''}`.trimEnd();
  });
  return ['First, peak and last of each layer:', ...lines].join('\n');
}

/**
 * `held      name: detail` for each, and a closing line that counts them. For manifests other than the guide's the line also says what
 * was not expected of them.
 */
export function renderExpectations(
  expectations: readonly Expectation[],
  input: 'guide' | 'manifests',
  paint: Paint,
): string {
  const lines = expectations.map(
    ({ name, held, detail }) => `${held ? paint('good', 'held    ') : paint('bad', 'NOT HELD')}  ${name} (${detail})`,
  );
  return [...lines, closingLine(expectations, input, paint)].join('\n');
}

function closingLine(expectations: readonly Expectation[], input: 'guide' | 'manifests', paint: Paint): string {
  const total = expectations.length;
  const failed = expectations.filter(({ held }) => !held).length;
  if (total === 0) return 'Nothing here scales by itself, so nothing was expected.';
  const scope =
    input === 'manifests'
      ? ' Your own manifests are held to bounds and tasks only, not to the figures of the guide.'
      : '';
  if (failed > 0) {
    const text = total === 1 ? 'The one expectation did not hold.' : `${failed} of ${total} expectations did not hold.`;
    return paint('bad', text) + scope;
  }
  const text = total === 1 ? 'The one expectation held.' : `${total} of ${total} expectations held.`;
  return paint('good', text) + scope;
}

const SHOWN_UNSERVED = 12;

/** `Did not work, although nothing broke:` and one line per object; '' when everything worked. */
export function renderUnserved(unserved: readonly Unserved[], paint: Paint): string {
  if (unserved.length === 0) return '';
  const lines = unserved
    .slice(0, SHOWN_UNSERVED)
    .map(({ object, problem, reason }) => `${paint('bad', '-')} ${object}: ${problem}: ${reason}`);
  const more = unserved.length > SHOWN_UNSERVED ? [`- and ${unserved.length - SHOWN_UNSERVED} more`] : [];
  return [paint('bad', 'Not everything worked:'), ...lines, ...more].join('\n');
}

/** How long the run was. In virtual time only: what this machine took would differ from run to run. */
export function renderLength({ startedAt, endedAt, decisions }: ScenarioResult): string {
  return `${elapsedText(endedAt - startedAt)} of virtual time, ${decisions.length} decisions.`;
}

/** A run succeeds when all that was expected of it held. */
export function allHeld({ expectations }: ScenarioResult): boolean {
  return expectations.every(({ held }) => held);
}
