/** What to write instead, where whoever found the fault did not say. */

import { parseQuantity } from '../../core/quantity/quantity.ts';
import type { FieldError } from '../../lib/result.ts';
import { nearest } from '../nearest.ts';

/** The problem in words: what the API server says, without the patterns that help nobody. */
export function problemOf(error: FieldError, value: unknown): string {
  const simple = typeof value === 'string' || typeof value === 'number';
  if (isAboutQuantity(error) && simple) return `${JSON.stringify(value)} is not a quantity`;
  // the rule has been said in words before its pattern
  return error.message.replace(/ \(e\.g\. .*regex used for validation is '.*'\)/, '');
}

/** What stands at a field: its value, and how it was typed. */
export type Given = { readonly value: unknown; readonly text: string | undefined };

/** The fix for a field error: the word that was probably meant, else the error's own fix, else what follows from its type. */
export function fixFor(error: FieldError, { value, text }: Given): string {
  const quantity = suggestQuantity(value);
  if (isAboutQuantity(error) && quantity !== undefined) return `write ${quantity}`;
  const word = error.type === 'FieldValueNotSupported' ? supportedWord(error.message, value) : undefined;
  if (word !== undefined) return `write ${word}`;
  // a number where text belongs, as it was typed: 1.0 must stay 1.0
  if (error.fix?.startsWith('put it in quotes: ') === true && text !== undefined) return `put it in quotes: "${text}"`;
  return error.fix ?? plainFix(error, value);
}

function plainFix(error: FieldError, value: unknown): string {
  const name = lastName(error.path);
  switch (error.type) {
    case 'FieldValueRequired':
      return `add ${error.path}${EXAMPLES[name] ?? ''}`;
    case 'FieldValueNotSupported':
      return 'write one of the supported values';
    case 'FieldValueForbidden':
      return `leave ${error.path} out`;
    case 'FieldValueDuplicate':
      return 'give it another value';
    case 'FieldValueTooLong':
    case 'FieldValueTooMany':
      return 'make it shorter';
    case 'FieldValueTypeInvalid':
      return typeFix(error.message, value);
    case 'FieldValueInvalid':
      return invalidFix(error, value);
  }
}

/** What a required field may look like. */
const EXAMPLES: Readonly<Record<string, string>> = {
  maxReplicas: ', the most pods the HPA may ask for, such as maxReplicas: 5',
  target: ', such as {type: Utilization, averageUtilization: 60}',
  spec: ', which describes the object',
  scaleTargetRef: ', such as {apiVersion: apps/v1, kind: Deployment, name: web}',
  kind: ', such as kind: Deployment',
  name: ', such as name: web',
  averageUtilization: ', such as averageUtilization: 60',
  selector: ', such as selector: {matchLabels: {app: web}}',
  template: ', which describes the pods',
  containers: ' with at least one container',
  image: ', such as image: nginx:1.29',
  limits: ', such as limits: {cpu: "1", memory: 1Gi}',
  requests: ', such as requests: {cpu: 500m, memory: 1Gi}',
  resources: ', such as resources: {requests: {cpu: 500m, memory: 1Gi}}',
  groupName: ', such as groupName: small-group',
};

function invalidFix(error: FieldError, value: unknown): string {
  const { path, message } = error;
  if (isAboutQuantity(error)) return 'write a quantity, such as 500m, 2 or 4Gi';
  if (/less than or equal to \S+ limit/.test(message)) return 'raise the limit or lower the request';
  if (/must be an integer/.test(message)) return 'write a whole number';
  const bound = /(?:must|should) be (greater|less) than or equal to (`?[\w.]+`?)/.exec(message);
  if (bound?.[2] === '`minReplicas`') return 'raise spec.maxReplicas or lower spec.minReplicas';
  if (bound !== null) return `write ${bound[1] === 'greater' ? 'at least' : 'at most'} ${bound[2]}`;
  if (/must be (greater than 0|positive|greater than zero)/.test(message)) return 'write a number above 0';
  if (path === 'spec.scaleTargetRef.apiVersion')
    return 'write the group and version of the target, apps/v1 for a Deployment';
  if (path.endsWith('groupName')) return 'choose a shorter name of letters, digits and -';
  if (/valid label|no more than 63/.test(message)) return 'write at most 63 letters, digits, -, _ and . instead';
  if (path.endsWith('metadata.labels')) return 'give the labels of the template the values that spec.selector asks for';
  if (/name$/.test(path) && typeof value === 'string') {
    const name = value
      .toLowerCase()
      .replace(/[^a-z0-9-]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 53);
    if (name !== '' && name !== value) return `write ${name}`;
  }
  return 'write a value that the rule allows';
}

function supportedWord(message: string, value: unknown): string | undefined {
  const words = [...(message.split('supported values: ')[1] ?? '').matchAll(/"([^"]*)"/g)].map(
    (match) => match[1] ?? '',
  );
  return typeof value === 'string' ? nearest(value, words) : undefined;
}

function typeFix(message: string, value: unknown): string {
  switch (/must be of type (\w+)/.exec(message)?.[1] ?? '') {
    case 'integer':
      return typeof value === 'string' && /^\d+$/.test(value)
        ? `write ${value} without quotes`
        : 'write a whole number';
    case 'string':
      return 'write text';
    case 'boolean':
      return 'write true or false, without quotes';
    case 'array':
      return 'write a list: each item on its own line, beginning with "- "';
    case 'object':
      return 'write "key: value" lines below it, indented deeper';
    default:
      return 'write a value of that type';
  }
}

function isAboutQuantity(error: FieldError): boolean {
  return /quantit|should match '\^\(\\\+\|-\)\?|parse numeric part/.test(error.message);
}

/** The quantity that was probably meant: `400Mib` is 400Mi, `1,5` is 1.5, `100K` is 100k. */
export function suggestQuantity(value: unknown): string | undefined {
  if (typeof value !== 'string' || parseQuantity(value).ok) return undefined;
  const parts = /^\s*([+-]?)([\d_]*(?:[.,]\d*)?)\s*([A-Za-z]*)\s*$/.exec(value);
  if (parts === null) return undefined;
  const [, sign = '', digits = '', unit = ''] = parts;
  const bare = unit.replace(/b(ytes?)?$/i, '');
  const suffix = bare === 'M' ? 'M' : SUFFIXES[bare.toLowerCase()];
  if (suffix === undefined || digits === '') return undefined;
  const text = `${sign === '-' ? '-' : ''}${digits.replaceAll('_', '').replace(',', '.')}${suffix}`;
  return parseQuantity(text).ok ? text : undefined;
}

/** By small letters. `m` is left out: whether milli or mega was meant cannot be known. */
const SUFFIXES: Readonly<Record<string, string>> = {
  '': '',
  k: 'k',
  g: 'G',
  t: 'T',
  p: 'P',
  ki: 'Ki',
  mi: 'Mi',
  gi: 'Gi',
  ti: 'Ti',
  pi: 'Pi',
  ei: 'Ei',
};

function lastName(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1).replace(/\[\d+\]$/, '');
}
