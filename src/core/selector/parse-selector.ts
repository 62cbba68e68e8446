/** Reading the text form of a label selector (`app=web,tier in (a,b)`), with the original's words for what is wrong. */

import { compareText } from '../../lib/compare.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { keyProblems } from './label-syntax.ts';
import {
  checkedRequirement,
  selectorOf,
  type Requirement,
  type Selector,
  type SelectorOperator,
} from './requirement.ts';

type Token = { readonly kind: 'word' | 'symbol' | 'end'; readonly text: string };

const END: Token = { kind: 'end', text: '' };
/** One token from the current place: a word, or the longest symbol. */
const TOKEN = /[ \t\r\n]*(?:(==|!=|[=!(),<>])|([^ \t\r\n=!(),<>]+))/y;

const BINARY_OPERATORS: ReadonlyMap<string, SelectorOperator> = new Map(
  (['in', 'notin', '=', '==', '!=', '>', '<'] as const).map((operator) => [operator, operator]),
);

/**
 * Reads a selector. Empty text, or white space alone, selects everything.
 *
 * Cost: O(length). Spec: HPA-19.1 to HPA-19.4.   Source: apimachinery pkg/labels/selector.go Parse (v0.37.2).
 */
export function parseSelector(text: string): Result<Selector, string> {
  const tokens = new Tokens(text);
  const requirements: Requirement[] = [];
  if (tokens.peek().kind === 'end') return ok(selectorOf(requirements));
  for (;;) {
    if (!startsRequirement(tokens.peek())) {
      return err(`found '${tokens.peek().text}', expected: !, identifier, or 'end of string'`);
    }
    const requirement = parseRequirement(tokens);
    if (!requirement.ok) return err(`unable to parse requirement: ${requirement.error}`);
    requirements.push(requirement.value);
    const after = tokens.take();
    if (after.kind === 'end') return ok(selectorOf(requirements));
    if (!isSymbol(after, ',')) return err(`found '${after.text}', expected: ',' or 'end of string'`);
    if (!startsRequirement(tokens.peek())) return err(`found '${tokens.peek().text}', expected: identifier after ','`);
  }
}

class Tokens {
  readonly #text: string;
  #at = 0;
  #next: Token;

  constructor(text: string) {
    this.#text = text;
    this.#next = this.#read();
  }

  peek(): Token {
    return this.#next;
  }

  take(): Token {
    const token = this.#next;
    this.#next = this.#read();
    return token;
  }

  #read(): Token {
    TOKEN.lastIndex = this.#at;
    const match = TOKEN.exec(this.#text);
    if (match === null) return END;
    this.#at = TOKEN.lastIndex;
    return match[1] === undefined ? { kind: 'word', text: match[2] ?? '' } : { kind: 'symbol', text: match[1] };
  }
}

function isSymbol(token: Token, text: string): boolean {
  return token.kind === 'symbol' && token.text === text;
}

function startsRequirement(token: Token): boolean {
  return token.kind === 'word' || isSymbol(token, '!');
}

function parseRequirement(tokens: Tokens): Result<Requirement, string> {
  const negated = isSymbol(tokens.peek(), '!');
  if (negated) tokens.take();
  const key = tokens.take();
  if (key.kind !== 'word') return err(`found '${key.text}', expected: identifier`);
  const problems = keyProblems(key.text);
  if (problems.length > 0) return err(`<nil>: Invalid value: ${JSON.stringify(key.text)}: ${problems.join('; ')}`);
  if (negated) return checkedRequirement(key.text, 'not-exists', []);
  if (tokens.peek().kind === 'end' || isSymbol(tokens.peek(), ',')) return checkedRequirement(key.text, 'exists', []);
  const found = tokens.take();
  const operator = BINARY_OPERATORS.get(found.text);
  if (operator === undefined) return err(`found '${found.text}', expected: in, notin, =, ==, !=, gt, lt`);
  const values = operator === 'in' || operator === 'notin' ? parseSet(tokens) : parseValue(tokens);
  return values.ok ? checkedRequirement(key.text, operator, values.value) : values;
}

function parseValue(tokens: Tokens): Result<readonly string[], string> {
  const next = tokens.peek();
  if (next.kind === 'end' || isSymbol(next, ',')) return ok(['']);
  tokens.take();
  return next.kind === 'word' ? ok([next.text]) : err(`found '${next.text}', expected: identifier`);
}

/** `(a,b)`. Nothing between two separators, or between the brackets, is the empty value. */
function parseSet(tokens: Tokens): Result<readonly string[], string> {
  const open = tokens.take();
  if (!isSymbol(open, '(')) return err(`found '${open.text}' expected: '('`);
  const first = tokens.peek();
  if (isSymbol(first, ')')) {
    tokens.take();
    return ok(['']);
  }
  if (first.kind !== 'word' && !isSymbol(first, ','))
    return err(`found '${first.text}', expected: ',', ')' or identifier`);
  const values: string[] = [];
  for (;;) {
    const token = tokens.take();
    if (token.kind === 'word') {
      values.push(token.text);
      const next = tokens.peek();
      if (isSymbol(next, ')')) break;
      if (!isSymbol(next, ',')) return err(`found '${next.text}', expected: ',' or ')'`);
    } else if (isSymbol(token, ',')) {
      if (values.length === 0) values.push('');
      if (isSymbol(tokens.peek(), ')')) {
        values.push('');
        break;
      }
      if (isSymbol(tokens.peek(), ',')) values.push('');
    } else {
      return err(`found '${token.text}', expected: ',', or identifier`);
    }
  }
  tokens.take();
  return ok([...new Set(values)].toSorted(compareText));
}
