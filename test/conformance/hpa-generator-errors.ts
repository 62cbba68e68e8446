/** Ways in which requests fail. */

import type { Fields } from './hpa-generator-types.ts';
import type { Dice } from './ray-dice.ts';

/**
 * A way to fail that a metric keeps, now and then interrupted: many different texts of one kind would reach the limit behind which the
 * original forgets a text at random.
 */
export function makeFailure(dice: Dice, failing: number): (now: Dice) => Fields | 'absent' | undefined {
  if (!dice.chance(failing)) return () => undefined;
  const way = dice.pick<Fields | 'absent'>([
    'absent',
    { items: [] },
    { error: makeApiError(dice) },
    { error: makeApiError(dice) },
  ]);
  return (now) => now.perhaps(0.75, () => way);
}

const MESSAGES = ['no', 'boom: 100%s of %d', 'service "x" not found', 'zwei\nZeilen', 'ünï <b>&</b>', ''];
const REASONS = [
  { code: 400, reason: 'BadRequest' },
  { code: 401, reason: 'Unauthorized' },
  { code: 403, reason: 'Forbidden' },
  { code: 404, reason: 'NotFound' },
  { code: 405, reason: 'MethodNotAllowed' },
  { code: 406, reason: 'NotAcceptable' },
  { code: 410, reason: 'Expired' },
  { code: 415, reason: 'UnsupportedMediaType' },
  { code: 418, reason: 'Teapot' },
  { code: 422, reason: 'Invalid' },
  { code: 429, reason: 'TooManyRequests' },
  { code: 500, reason: 'InternalError' },
  { code: 502, reason: '' },
  { code: 503, reason: 'ServiceUnavailable' },
  { code: 504, reason: 'Timeout' },
];

/** A Status of the server, or a proxy's text. Conflicts are not among them: after one the original pauses at random. */
export function makeApiError(dice: Dice): Fields {
  const { code, reason } = dice.pick(REASONS);
  if (dice.chance(0.25)) return { code, body: dice.pick(['bad gateway', '', '{"a":1}', '<html></html>', 'null']) };
  return {
    code,
    ...(dice.chance(0.85) ? { reason } : {}),
    ...(dice.chance(0.9) ? { message: dice.pick(MESSAGES) } : {}),
  };
}
