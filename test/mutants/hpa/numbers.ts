/** Go's integers and what they do at their ends. */

import { mutantsOf, type Mutant } from '../mutant.ts';

export const NUMBERS: readonly Mutant[] = [
  ...mutantsOf('src/core/hpa/numbers.ts', [
    {
      id: 'conversion-saturates',
      rule: 'HPA-22.2',
      about: 'a float beyond int32 becomes the largest int32',
      find: `whole + 0 : MIN_INT32;`,
      replace: `whole + 0 : whole > 0 ? MAX_INT32 : MIN_INT32;`,
    },
    {
      id: 'conversion-wraps',
      rule: 'HPA-22.2',
      about: 'a float beyond int32 wraps',
      find: `whole + 0 : MIN_INT32;`,
      replace: `whole + 0 : whole | 0;`,
    },
    {
      id: 'no-number-is-zero',
      rule: 'HPA-22.2',
      about: 'NaN becomes 0',
      find: `whole + 0 : MIN_INT32;`,
      replace: `whole + 0 : Number.isNaN(whole) ? 0 : MIN_INT32;`,
    },
    {
      id: 'minus-zero-stays',
      rule: 'HPA-22.4',
      about: 'minus zero stays minus zero',
      find: `? whole + 0 : MIN_INT32`,
      replace: `? whole : MIN_INT32`,
    },
    {
      id: 'half-below-zero-is-one-below',
      rule: 'HPA-22.4',
      about: '-0.5 becomes -1',
      find: `return truncInt32(Math.ceil(x));`,
      replace: `return truncInt32(x < 0 ? Math.floor(x) : Math.ceil(x));`,
    },
    {
      id: 'int64-saturates',
      rule: 'HPA-22.2',
      about: 'a float beyond int64 becomes the largest int64',
      find: `BigInt(whole) : MIN_INT64;`,
      replace: `BigInt(whole) : whole > 0 ? MAX_INT64 : MIN_INT64;`,
    },
    {
      id: 'low-bits-unsigned',
      rule: 'HPA-22.5',
      about: 'an int64 is cut to its low 32 bits without a sign',
      find: `return Number(BigInt.asIntN(32, x));`,
      replace: `return Number(BigInt.asUintN(32, x));`,
    },
    {
      id: 'sums-do-not-wrap',
      rule: 'HPA-22.1',
      about: 'sums of replicas do not wrap',
      find: `  return x | 0;`,
      replace: `  return x;`,
    },
    {
      id: 'long-sums-do-not-wrap',
      rule: 'HPA-22.1',
      about: 'sums of values do not wrap',
      find: `  return BigInt.asIntN(64, x);`,
      replace: `  return x;`,
    },
  ]),
  ...mutantsOf('src/core/hpa/int64.ts', [
    {
      id: 'sum-as-float',
      rule: 'HPA-22.11',
      about: 'sums beyond 2^53 are floats',
      find: `    if (Number.isSafeInteger(sum)) return sum;`,
      replace: `    return sum;`,
    },
    {
      id: 'int64-does-not-wrap',
      rule: 'HPA-22.1',
      about: 'sums and products of usage do not wrap',
      find: `const wrapped = BigInt.asIntN(64, x);`,
      replace: `const wrapped = x;`,
    },
    {
      id: 'division-floors',
      rule: 'HPA-22.6',
      about: 'a division rounds down, not toward zero',
      find: `return Math.trunc(a / b) + 0;`,
      replace: `return Math.floor(a / b) + 0;`,
    },
    {
      id: 'division-of-floats',
      rule: 'HPA-22.6',
      about: 'a division of large numbers is one of floats',
      find: `  return int64(BigInt(a) / BigInt(b));`,
      replace: `  return Math.trunc(Number(a) / Number(b));`,
    },
    {
      id: 'product-as-float',
      rule: 'HPA-22.1',
      about: 'products beyond 2^53 are floats',
      find: `if (Number.isSafeInteger(product)) return product + 0;`,
      replace: `return product + 0;`,
    },
  ]),
];
