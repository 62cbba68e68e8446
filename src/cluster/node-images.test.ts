import { expect, test } from 'vitest';
import { durationMs, epochMs } from '../core/time/time.ts';
import { NodeImages } from './node-images.ts';

const pull = { image: 'app:1', cold: durationMs(5000), warm: durationMs(100) };

test('the first pull of an image on a node is cold, shared while it lasts, and warm from then on', () => {
  const images = new NodeImages();
  expect(images.fetched('n1', pull, epochMs(0))).toBe(5000);
  expect(images.fetched('n1', pull, epochMs(1000))).toBe(5000);
  expect(images.fetched('n1', pull, epochMs(9000))).toBe(9100);
  expect(images.fetched('n2', pull, epochMs(9000))).toBe(14_000);
});

test('a node that comes back has no images', () => {
  const images = new NodeImages();
  images.note('n1', 'app:1', epochMs(0));
  expect(images.fetched('n1', pull, epochMs(10))).toBe(110);
  images.forget('n1');
  expect(images.fetched('n1', pull, epochMs(10))).toBe(5010);
});
