/** What the YAML parser refuses, in words: where a person should look, what is wrong there, and what to write instead. */

import { isScalar, visit, type Document, type Node } from 'yaml';
import type { ManifestFault, Place } from './fault.ts';

/** The text around a fault. */
export type Text = {
  placeAt(offset: number): Place;
  /** One line, counted from 1; '' beyond the last. */
  lineText(line: number): string;
};

/** The one fault of a broken document: its first error, which the others mostly follow from. */
export function syntaxFault(document: Document.Parsed, text: Text): ManifestFault {
  const { errors } = document;
  const first = errors[0];
  const offset = first?.pos[0] ?? 0;
  const place = text.placeAt(offset);
  if (isTemplate(text.lineText(place.line ?? 1))) return { place, problem: UNRENDERED, fix: RENDER };
  // a value that is followed by deeper lines is reported twice, the second time with the lines it runs over
  const runsOver = errors.some((error) => error.code === 'MULTILINE_IMPLICIT_KEY' && error.pos[0] === offset);
  if (runsOver) return tooDeep(place, text);
  const code: string = first?.code ?? '';
  switch (code) {
    case 'TAB_AS_INDENT':
      return broken(
        place,
        'a tab stands in the indentation, where YAML allows only spaces',
        'replace the tab with spaces',
      );
    case 'DUPLICATE_KEY': {
      const problem = 'this key stands here for the second time in the same object';
      return broken(place, problem, 'keep one of the two lines: nobody can tell which value is meant');
    }
    case 'BLOCK_AS_IMPLICIT_KEY': {
      const fix = 'put the second one on a line of its own, or the value in quotes if it is meant to hold a colon';
      return broken(place, 'two "key: value" pairs stand on one line', fix);
    }
    case 'BAD_INDENT': {
      // the parser sees the next line stand too far left inside the brackets: they were meant to end before it
      if (/^Flow /.test(first?.message ?? '')) return unclosed(text.placeAt(openedAt(document, offset)));
      const line = nextContent(place.line ?? 1, text);
      const problem = 'the indentation fits neither the line above nor the object around it';
      return broken({ ...place, ...line }, problem, 'indent the line like the one it belongs beside, with spaces');
    }
    case 'MISSING_CHAR':
      return unclosed(text.placeAt(openedAt(document, offset)));
    case 'BAD_ALIAS':
      return broken(
        place,
        lowerFirst(first?.message ?? ''),
        'put the value in quotes if it is meant to begin with * or &',
      );
    default:
      return broken(place, lowerFirst(first?.message ?? 'it cannot be read'), CHECK);
  }
}

const CHECK = 'check the indentation, the colons and the quotes of this line and the one above';
export const UNRENDERED = 'this is a template, not YAML yet: {{ }} was not filled in';
export const RENDER = 'render it first (helm template) and give the result';

/** Whether a line still holds the placeholders of a template engine, outside of a comment. */
export function isTemplate(line: string): boolean {
  return /^[^#]*\{\{/.test(line);
}

function broken(place: Place, problem: string, fix: string): ManifestFault {
  return { place, problem: `broken YAML: ${problem}`, fix };
}

function unclosed(place: Place): ManifestFault {
  return broken(place, 'what is opened here is never closed', 'close the quotes or brackets');
}

function tooDeep(place: Place, text: Text): ManifestFault {
  const deeper = nextContent((place.line ?? 1) + 1, text);
  const problem = `line ${deeper.line} is indented deeper than line ${place.line}, which already has a value`;
  return broken({ ...place, ...deeper }, problem, `indent line ${deeper.line} like the line it belongs beside`);
}

/** The first line from `line` on that is neither blank nor a comment, and where its text begins. */
function nextContent(line: number, text: Text): { readonly line: number; readonly column: number } {
  const end = line + 1000;
  let at = line;
  while (/^\s*(#.*)?$/.test(text.lineText(at)) && at < end) at++;
  return { line: at, column: (/^\s*/.exec(text.lineText(at))?.[0].length ?? 0) + 1 };
}

/** Where the innermost quotes or brackets begin that reach up to `offset`; `offset` itself when there are none. */
function openedAt(document: Document.Parsed, offset: number): number {
  let opened = offset;
  const look = (node: Node): void => {
    const [start, end] = node.range ?? [offset, offset];
    const isOpen = isScalar(node) ? (node.type ?? '').startsWith('QUOTE') : 'flow' in node && node.flow === true;
    if (isOpen && start <= offset && end >= offset) opened = start;
  };
  visit(document, { Node: (_, node) => look(node) });
  return opened;
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}
