/** A NodePool that could never make a node, because nothing that the embedded cluster rents is what it asks for. */

import { compatibleTypes, offeredValues } from '../../core/cluster/instance-types.ts';
import { INSTANCE_TYPE, requirementsOf } from '../../core/cluster/node-requirements.ts';
import type { NodePool } from '../../core/kube/karpenter.ts';
import type { FieldError } from '../../lib/result.ts';

const REQUIREMENTS = 'spec.template.spec.requirements';

/** The requirements that nothing satisfies, each by itself, or else all of them together. O(requirements x types). */
export function nodePoolErrors({ spec }: NodePool): readonly FieldError[] {
  const requirements = spec.template.spec.requirements ?? [];
  if (compatibleTypes(requirementsOf(requirements)).length > 0) return [];
  const alone = requirements.flatMap((requirement, i): readonly FieldError[] => {
    if (compatibleTypes(requirementsOf([requirement])).length > 0) return [];
    const { key, values = [] } = requirement;
    const what = key === INSTANCE_TYPE ? 'instance type' : 'machine';
    return [
      {
        path: `${REQUIREMENTS}[${i}].values`,
        type: 'FieldValueInvalid',
        message: `no ${what} of the embedded cluster fits ${values.length === 0 ? 'this' : values.join(', ')}`,
        fix: key === INSTANCE_TYPE ? typeFix(values) : `write one of ${offeredValues(key).join(', ')}`,
      },
    ];
  });
  if (alone.length > 0) return alone;
  const message = 'no instance type of the embedded cluster satisfies all of these together';
  return [{ path: REQUIREMENTS, type: 'FieldValueInvalid', message, fix: 'leave one of them out' }];
}

/** `m5.xlarge` has 4 CPUs: the type of that size, else the guide's, and how the others are called. */
function typeFix(values: readonly string[]): string {
  const size = SIZES[/\.(\w+)$/.exec(values[0] ?? '')?.[1] ?? ''] ?? 4;
  const sizes = offeredValues('karpenter.kwok.sh/instance-cpu').toSorted((a, b) => Number(a) - Number(b));
  return (
    `write s-${size}x-amd64-linux, or another of this cluster's: family c, s or m (2, 4 or 8 GiB for each CPU), ` +
    `then -CPUSx- with ${sizes.join(', ')}, then amd64 or arm64, then linux or windows`
  );
}

/** CPUs of the sizes that AWS gives its types. */
const SIZES: Readonly<Record<string, number>> = {
  medium: 1,
  large: 2,
  xlarge: 4,
  '2xlarge': 8,
  '4xlarge': 16,
  '8xlarge': 32,
  '12xlarge': 48,
  '16xlarge': 64,
  '24xlarge': 96,
};
