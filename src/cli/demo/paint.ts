/** Colour on the terminal, or none. Colour never stands alone: what it marks is always written out too. */

import { styleText } from 'node:util';
import type { Layer } from '../../ports/recorder.ts';

export type Style = Layer | 'script' | 'warning' | 'good' | 'bad' | 'dim' | 'bold';

/** Gives `text` the looks of a style. */
export type Paint = (style: Style, text: string) => string;

type Format = Parameters<typeof styleText>[0];

const FORMATS: Readonly<Record<Style, Format>> = {
  hpa: 'cyan',
  ray: 'magenta',
  nodes: 'yellow',
  workload: 'blue',
  script: 'bold',
  warning: 'red',
  good: 'green',
  bad: 'red',
  dim: 'dim',
  bold: 'bold',
};

export function createPaint(colour: 'colour' | 'plain'): Paint {
  if (colour === 'plain') return (_, text) => text;
  // whether colour is wanted has been decided by then
  return (style, text) => styleText(FORMATS[style], text, { validateStream: false });
}
