/** Why a text is no time, in the words of the original's reader. */

const LAYOUT = '2006-01-02T15:04:05Z07:00';

type Part = {
  /** As the layout writes the part, with what separates it from the one before. */
  readonly before: string;
  readonly layout: string;
  readonly digits: 2 | 4;
  readonly range?: readonly [name: string, from: number, to: number];
};

const PARTS: readonly Part[] = [
  { before: '', layout: '2006', digits: 4 },
  { before: '-', layout: '01', digits: 2, range: ['month', 1, 12] },
  { before: '-', layout: '02', digits: 2 },
  { before: 'T', layout: '15', digits: 2, range: ['hour', 0, 23] },
  { before: ':', layout: '04', digits: 2, range: ['minute', 0, 59] },
  { before: ':', layout: '05', digits: 2, range: ['second', 0, 59] },
];

const FRACTION = /^[.]\d+/;
const ZONE = /^(?:Z|[+-](\d\d):(\d\d))/;

/**
 * What is wrong with an RFC 3339 text with a zone; undefined when nothing is. **Differs:** an hour of one digit is refused.
 *
 * Source: Go 1.26 time.Parse.
 */
export function timeProblem(text: string): string | undefined {
  const shown = JSON.stringify(text);
  const mismatch = (rest: string, layout: string): string =>
    `parsing time ${shown} as "${LAYOUT}": cannot parse ${JSON.stringify(rest)} as "${layout}"`;
  const outOf = (name: string): string => `parsing time ${shown}: ${name} out of range`;
  const numbers: number[] = [];
  let rest = text;
  for (const { before, layout, digits, range } of PARTS) {
    if (!rest.startsWith(before)) return mismatch(rest, before);
    rest = rest.slice(before.length);
    const head = rest.slice(0, digits);
    if (head.length < digits || !/^\d+$/.test(head)) return mismatch(rest, layout);
    const number = Number(head);
    if (range !== undefined && (number < range[1] || number > range[2])) return outOf(range[0]);
    numbers.push(number);
    rest = rest.slice(digits);
  }
  rest = rest.replace(FRACTION, '');
  const zone = ZONE.exec(rest);
  if (zone === null) return mismatch(rest, 'Z07:00');
  if (Number(zone[1] ?? 0) > 24) return outOf('time zone offset hour');
  if (Number(zone[2] ?? 0) > 60) return outOf('time zone offset minute');
  rest = rest.slice(zone[0].length);
  if (rest !== '') return `parsing time ${shown}: extra text: ${JSON.stringify(rest)}`;
  const [year = 0, month = 0, day = 0] = numbers;
  return day < 1 || day > daysIn(year, month) ? outOf('day') : undefined;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}
