/** Time as the cores see it: branded numbers that come in with the inputs. No clock is read here. */

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = number & { readonly __unit: 'epoch-ms' };

/** A length of time in milliseconds. */
export type DurationMs = number & { readonly __unit: 'duration-ms' };

/**
 * One reading of a clock. `wall` is what is written into objects; `mono` never steps and is what windows compare
 * (the original compares stored instants on Go's monotonic clock). Only differences of `mono` mean anything.
 */
export type Instant = { readonly wall: EpochMs; readonly mono: DurationMs };

export function epochMs(value: number): EpochMs {
  return value as EpochMs; // the one place where an epoch is branded
}

export function durationMs(value: number): DurationMs {
  return value as DurationMs; // the one place where a duration is branded
}

export function seconds(value: number): DurationMs {
  return durationMs(value * 1000);
}

/** RFC 3339 in UTC with whole seconds, the fraction cut off, as the API writes times (`2026-01-01T00:00:00Z`). */
export function toRfc3339(at: EpochMs): string {
  return isoText(Math.floor(at / 1000) * 1000);
}

function isoText(ms: number): string {
  // Civil date from days since the epoch (proleptic Gregorian). Source: H. Hinnant, "chrono-compatible low-level date algorithms".
  const day = Math.floor(ms / 86_400_000);
  const rest = Math.floor((ms - day * 86_400_000) / 1000);
  const z = day + 719_468;
  const era = Math.floor(z / 146_097);
  const doe = z - era * 146_097;
  const yoe = Math.floor((doe - Math.floor(doe / 1460) + Math.floor(doe / 36_524) - Math.floor(doe / 146_096)) / 365);
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100));
  const mp = Math.floor((5 * doy + 2) / 153);
  const d = doy - Math.floor((153 * mp + 2) / 5) + 1;
  const m = mp < 10 ? mp + 3 : mp - 9;
  const y = yoe + era * 400 + (m <= 2 ? 1 : 0);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${String(y).padStart(4, '0')}-${two(m)}-${two(d)}T${two(Math.floor(rest / 3600))}:${two(Math.floor(rest / 60) % 60)}:${two(rest % 60)}Z`;
}

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(\.\d+)?([Zz]|([+-])(\d\d):(\d\d))$/;

/** Reads RFC 3339 text with a zone; undefined when it is not that. Fractions are kept to the millisecond. */
export function parseRfc3339(text: string): EpochMs | undefined {
  const match = RFC3339.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction, zone, sign, zoneHour, zoneMinute] = match;
  const y = Number(year) - (Number(month) <= 2 ? 1 : 0);
  const era = Math.floor(y / 400);
  const yoe = y - era * 400;
  const m = Number(month);
  const doy = Math.floor((153 * (m > 2 ? m - 3 : m + 9) + 2) / 5) + Number(day) - 1;
  const doe = yoe * 365 + Math.floor(yoe / 4) - Math.floor(yoe / 100) + doy;
  const days = era * 146_097 + doe - 719_468;
  const offset =
    zone === 'Z' || zone === 'z'
      ? 0
      : (sign === '-' ? -1 : 1) * (Number(zoneHour) * 3_600_000 + Number(zoneMinute) * 60_000);
  const ofDay = Number(hour) * 3_600_000 + Number(minute) * 60_000 + Number(second) * 1000;
  const ms = fraction === undefined ? 0 : Math.floor(Number(`0${fraction}`) * 1000);
  return epochMs(days * 86_400_000 + ofDay + ms - offset);
}

const GO_UNITS_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** Reads Go's duration text (`15.048s`, `1m0s`, `720h`); undefined when it is not that. */
export function parseGoDuration(text: string): DurationMs | undefined {
  const signed = /^([+-]?)(.+)$/.exec(text);
  if (signed === null) return undefined;
  const body = signed[2] ?? '';
  if (body === '0') return durationMs(0);
  let total = 0;
  let at = 0;
  const part = /(\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h)/y;
  while (at < body.length) {
    part.lastIndex = at;
    const match = part.exec(body);
    if (match === null) return undefined;
    total += Number(match[1]) * (GO_UNITS_MS[match[2] ?? ''] ?? 0);
    at = part.lastIndex;
  }
  return durationMs(signed[1] === '-' ? -total : total);
}

/** Go's text of a duration of whole milliseconds: `15.048s`, `1m0s`, `1h0m0s`, `0s`. */
export function toGoDuration(duration: DurationMs): string {
  if (duration === 0) return '0s';
  const sign = duration < 0 ? '-' : '';
  const ms = Math.abs(duration);
  if (ms < 1000) return `${sign}${ms}ms`;
  const h = Math.floor(ms / 3_600_000);
  const m = Math.floor(ms / 60_000) % 60;
  const s = Number(((ms % 60_000) / 1000).toFixed(3));
  return sign + (h > 0 ? `${h}h${m}m${s}s` : m > 0 ? `${m}m${s}s` : `${s}s`);
}
