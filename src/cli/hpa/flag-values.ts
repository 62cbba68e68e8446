/** Values of flags as they are typed; what is none is refused with what to write instead. */

import { isIP } from 'node:net';
import { InvalidArgumentError } from 'commander';
import { durationMs, parseGoDuration, type DurationMs } from '../../core/time/time.ts';

/** Spec: HPA-16.14, HPA-17.1. */
export function parseDuration(text: string, range: '0 or more' | 'above 0'): DurationMs {
  const duration = parseGoDuration(text);
  const fits = duration !== undefined && (range === '0 or more' ? duration >= 0 : duration > 0);
  if (fits) return durationMs(duration);
  throw new InvalidArgumentError(`write a duration ${range} with its units, such as 15s or 1m30s`);
}

export function parseTolerance(text: string): number {
  const ratio = /^(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isFinite(ratio)) return ratio;
  throw new InvalidArgumentError('write a ratio of 0 or more, such as 0.1 for 10 %');
}

/** A number that is too small is refused in upstream's words behind the name of the flag. Spec: HPA-17.1. */
export function parseConcurrency(text: string): number {
  const count = /^-?\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (count > 0) return count;
  throw new InvalidArgumentError(
    Number.isNaN(count) ? 'write a whole number above 0, such as 5' : `it must be greater than 0, but got ${count}`,
  );
}

const TRUE = ['1', 't', 'T', 'true', 'TRUE', 'True'];
const FALSE = ['0', 'f', 'F', 'false', 'FALSE', 'False'];

/** As Go reads it; undefined when it is neither. */
export function parseBoolean(text: string): boolean | undefined {
  if (TRUE.includes(text)) return true;
  return FALSE.includes(text) ? false : undefined;
}

export function parseSwitch(text: string): boolean {
  const on = parseBoolean(text);
  if (on !== undefined) return on;
  throw new InvalidArgumentError('write true or false');
}

/** Below 0: no limit, as upstream takes it. */
export function parseQps(text: string): number {
  const qps = /^-?(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isFinite(qps)) return qps;
  throw new InvalidArgumentError('write a number of requests per second, such as 20');
}

export function parseBurst(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('write a whole number of requests, such as 30');
}

export function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new InvalidArgumentError('write a port from 1 to 65535, or 0 for none');
}

export function parseAddress(text: string): string {
  if (isIP(text) !== 0) return text;
  throw new InvalidArgumentError('write an IP address of this machine, such as 127.0.0.1, or 0.0.0.0 for all of them');
}

/** Credentials are sent over https only, but to this machine. */
export function parseServer(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isLocal = url !== undefined && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isLocal))
    return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
  throw new InvalidArgumentError('write an address like https://host:6443');
}

/** What an object or a namespace can be called. */
export function parseName(text: string): string {
  if (/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(text) && text.length <= 253) return text;
  throw new InvalidArgumentError('write a name of lower-case letters, digits, dots and dashes');
}
