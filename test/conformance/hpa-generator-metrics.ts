/** Metrics of generated HPA cases: what the spec asks for, with answers that lie on the edges of what it decides. */

import type { Making, PlannedMetric } from './hpa-generator-load.ts';
import { makeContainerResource, makePodsMetric, makeResource } from './hpa-generator-usage.ts';
import { makeExternal, makeObject } from './hpa-generator-values.ts';
import type { Dice } from './ray-dice.ts';

export const ALL_TYPES = ['Resource', 'Resource', 'ContainerResource', 'Pods', 'Object', 'External'];

export function makeMetric(dice: Dice, making: Making): PlannedMetric {
  switch (dice.pick(making.dials.types)) {
    case 'Resource':
      return makeResource(dice, making);
    case 'ContainerResource':
      return makeContainerResource(dice, making);
    case 'Pods':
      return makePodsMetric(dice, making);
    case 'Object':
      return makeObject(dice, making);
    case 'External':
      return makeExternal(dice, making);
    default:
      return { spec: { type: dice.pick(['Bogus', '', 'resource']) }, load: () => undefined };
  }
}
