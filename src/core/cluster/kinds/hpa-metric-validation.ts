/** What one metric of an HPA may say: its source and its target. Types have been checked before. */

import type { MetricSpec, MetricTarget } from '../../kube/hpa.ts';
import { quantitySign } from '../../quantity/quantity.ts';
import type { FieldError } from '../../../lib/result.ts';
import { forbiddenField, invalidField, requiredField, unsupportedField } from '../field-errors.ts';
import { nameProblems } from '../metadata.ts';
import { containerResourceProblems } from './container-resource.ts';
import { checkedQuantity, pathProblems, validateReference, type GroupRule } from './hpa-field-checks.ts';

const SOURCES = ['object', 'external', 'pods', 'resource', 'containerResource'] as const;
type Source = (typeof SOURCES)[number];

const SOURCE_OF_TYPE: ReadonlyMap<string, Source> = new Map([
  ['Object', 'object'],
  ['External', 'external'],
  ['Pods', 'pods'],
  ['Resource', 'resource'],
  ['ContainerResource', 'containerResource'],
]);

/** Everything wrong with one metric at `path`. `objectRule` is for a described object's apiVersion. Spec: HPA-14.12 to HPA-14.16. */
export function validateMetric(metric: MetricSpec, path: string, objectRule: GroupRule): readonly FieldError[] {
  const errors: FieldError[] = [];
  const type: string = metric.type ?? ''; // types say present, objects from outside may lack it
  const wanted = SOURCE_OF_TYPE.get(type);
  const fix = `write one of ${[...SOURCE_OF_TYPE.keys()].toSorted().join(', ')} in ${path}.type`;
  if (type === '') errors.push({ ...requiredField(`${path}.type`, 'must specify a metric source type'), fix });
  if (wanted === undefined) errors.push({ ...unsupportedField(`${path}.type`, type, [...SOURCE_OF_TYPE.keys()]), fix });
  const present = SOURCES.filter((source) => metric[source] !== undefined && metric[source] !== null);
  const [first] = present;
  if (first !== undefined) errors.push(...validateSource(metric, first, { path: `${path}.${first}`, objectRule }));
  if (wanted !== undefined && !present.includes(wanted)) {
    const what = requiredField(`${path}.${wanted}`, 'must populate information for the given metric source');
    errors.push({ ...what, fix: `describe the metric in ${path}.${wanted}, as its type ${type} asks for` });
  }
  if (present.length > 1) {
    for (const source of present.filter((one) => one !== wanted)) {
      const what = forbiddenField(`${path}.${source}`, 'must populate the given metric source only');
      errors.push({ ...what, fix: `remove ${path}.${source}, or give it an entry of its own in spec.metrics` });
    }
  }
  return errors;
}

function validateSource(
  metric: MetricSpec,
  source: Source,
  { path, objectRule }: { readonly path: string; readonly objectRule: GroupRule },
): readonly FieldError[] {
  switch (source) {
    case 'object':
      return [
        ...validateReference(metric.object?.describedObject, `${path}.describedObject`, objectRule),
        ...validateIdentifier(metric.object?.metric?.name, path),
        ...validateTarget(metric.object?.target, path),
        ...oneOfValues(metric.object?.target, path, 'must set either a target value or averageValue'),
      ];
    case 'external':
      return [
        ...validateIdentifier(metric.external?.metric?.name, path),
        ...validateTarget(metric.external?.target, path),
        ...oneOfValues(metric.external?.target, path, 'must set either a target value for metric or a per-pod target'),
        ...notBothValues(metric.external?.target, path),
      ];
    case 'pods':
      return [
        ...validateIdentifier(metric.pods?.metric?.name, path),
        ...validateTarget(metric.pods?.target, path),
        ...averageValueRequired(metric.pods?.target, path),
      ];
    case 'resource':
      return [
        ...nameRequired(metric.resource?.name, `${path}.name`),
        ...validateTarget(metric.resource?.target, path),
        ...utilizationOrAverage(metric.resource?.target, path),
      ];
    case 'containerResource':
      return [
        ...nameRequired(metric.containerResource?.name, `${path}.name`),
        ...validateContainerResource(metric.containerResource, path),
        ...validateTarget(metric.containerResource?.target, path),
        ...utilizationOrAverage(metric.containerResource?.target, path),
      ];
  }
}

/** Spec: HPA-14.19. */
function validateIdentifier(name: string | undefined, path: string): readonly FieldError[] {
  const at = `${path}.metric.name`;
  if ((name ?? '') !== '') return pathProblems(name ?? '', at);
  return [{ ...requiredField(at, 'must specify a metric name'), fix: `name the metric in ${at}` }];
}

/** Spec: HPA-14.28. */
function nameRequired(name: string | undefined, path: string): readonly FieldError[] {
  if ((name ?? '') !== '') return [];
  return [{ ...requiredField(path, 'must specify a resource name'), fix: `write cpu or memory in ${path}` }];
}

/** Spec: HPA-14.31, HPA-14.32. */
function validateContainerResource(given: MetricSpec['containerResource'], path: string): readonly FieldError[] {
  const { name = '', container = '' } = given ?? {};
  const ofName = name === '' ? [] : containerResourceProblems(name);
  const errors: FieldError[] = ofName.map((problem) => ({
    ...invalidField(`${path}.name`, name, problem),
    fix: `write cpu or memory in ${path}.name`,
  }));
  const at = `${path}.container`;
  const fix = `name a container of the target's pods in ${at}`;
  if (container === '') errors.push({ ...requiredField(at, 'must specify a container'), fix });
  else
    for (const problem of nameProblems(container, 'dns-1123-label'))
      errors.push({ ...invalidField(at, container, problem), fix });
  return errors;
}

/** Spec: HPA-14.20 to HPA-14.23. */
function validateTarget(target: MetricTarget | undefined, sourcePath: string): readonly FieldError[] {
  const path = `${sourcePath}.target`;
  const type: string = target?.type ?? '';
  const errors: FieldError[] = [];
  const fix = `write Utilization, AverageValue or Value in ${path}.type, and the number beside it`;
  if (type === '') errors.push({ ...requiredField(`${path}.type`, 'must specify a metric target type'), fix });
  if (type !== 'Utilization' && type !== 'Value' && type !== 'AverageValue') {
    errors.push({ ...invalidField(`${path}.type`, type, 'must be either Utilization, Value, or AverageValue'), fix });
  }
  errors.push(...positiveQuantity(target?.value, `${path}.value`));
  errors.push(...positiveQuantity(target?.averageValue, `${path}.averageValue`));
  const utilization = target?.averageUtilization;
  if (utilization !== undefined && utilization < 1) {
    const what = invalidField(`${path}.averageUtilization`, utilization, 'must be greater than 0');
    errors.push({ ...what, fix: `write whole percent, such as 80, in ${path}.averageUtilization` });
  }
  return errors;
}

/** Spec: HPA-14.22, and HPA-18.2 for text that is no quantity. */
function positiveQuantity(value: unknown, path: string): readonly FieldError[] {
  return checkedQuantity(value, path, (quantity) => (quantitySign(quantity) > 0 ? undefined : 'must be positive'));
}

/** Spec: HPA-14.24, HPA-14.25. */
function oneOfValues(target: MetricTarget | undefined, path: string, why: string): readonly FieldError[] {
  if (isSet(target?.value) || isSet(target?.averageValue)) return [];
  return [
    {
      ...requiredField(`${path}.target.averageValue`, why),
      fix: `write ${path}.target.value or ${path}.target.averageValue`,
    },
  ];
}

/** Spec: HPA-14.26. */
function notBothValues(target: MetricTarget | undefined, path: string): readonly FieldError[] {
  if (!isSet(target?.value) || !isSet(target?.averageValue)) return [];
  const what = forbiddenField(
    `${path}.target.value`,
    'may not set both a target value for metric and a per-pod target',
  );
  return [{ ...what, fix: `remove ${path}.target.value or ${path}.target.averageValue` }];
}

/** Spec: HPA-14.27. */
function averageValueRequired(target: MetricTarget | undefined, path: string): readonly FieldError[] {
  if (isSet(target?.averageValue)) return [];
  const at = `${path}.target.averageValue`;
  return [
    {
      ...requiredField(at, 'must specify a positive target averageValue'),
      fix: `write the wanted average per pod in ${at}`,
    },
  ];
}

/** Spec: HPA-14.29, HPA-14.30. */
function utilizationOrAverage(target: MetricTarget | undefined, path: string): readonly FieldError[] {
  const utilization = isSet(target?.averageUtilization);
  const average = isSet(target?.averageValue);
  if (utilization && average) {
    const what = forbiddenField(
      `${path}.target.averageValue`,
      'may not set both a target raw value and a target utilization',
    );
    return [{ ...what, fix: `remove ${path}.target.averageValue or ${path}.target.averageUtilization` }];
  }
  if (utilization || average) return [];
  const what = requiredField(
    `${path}.target.averageUtilization`,
    'must set either a target raw value or a target utilization',
  );
  const old = 'they replace targetAverageUtilization and targetAverageValue of v2beta1';
  return [{ ...what, fix: `write ${path}.target.averageUtilization or ${path}.target.averageValue; ${old}` }];
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}
