/** What came out: one line per layer, then what was expected and whether it held. */

import type { Expectation, LayerSummary, ScenarioResult } from '../../sim/scenario-types.ts';
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

/** `held      name: detail` for each, and a closing line that counts them. */
export function renderExpectations(expectations: readonly Expectation[], paint: Paint): string {
  const lines = expectations.map(
    ({ name, held, detail }) => `${held ? paint('good', 'held    ') : paint('bad', 'NOT HELD')}  ${name} (${detail})`,
  );
  return [...lines, closingLine(expectations, paint)].join('\n');
}

function closingLine(expectations: readonly Expectation[], paint: Paint): string {
  const total = expectations.length;
  const failed = expectations.filter(({ held }) => !held).length;
  if (total === 0) return 'Nothing here scales by itself, so nothing was expected.';
  if (failed > 0) return paint('bad', `${failed} of ${total} expectations did not hold.`);
  return paint('good', `${total} of ${total} expectations held.`);
}

/** How long the run was. In virtual time only: what this machine took would differ from run to run. */
export function renderLength({ startedAt, endedAt, decisions }: ScenarioResult): string {
  return `${elapsedText(endedAt - startedAt)} of virtual time, ${decisions.length} decisions.`;
}

/** A run succeeds when all that was expected of it held. */
export function allHeld({ expectations }: ScenarioResult): boolean {
  return expectations.every(({ held }) => held);
}
