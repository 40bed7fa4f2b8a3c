import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { fillPlaces, lambdaParts, placesOf, reportParts } from '../../../bench/harness/places.ts';

const document = `Before.

<!-- bench: rounds -->

| old |

<!-- end -->

Between.

<!-- bench: memory -->
<!-- end -->
`;

test('A part replaces what stood in its place, and no other text', () => {
  const filled = fillPlaces(document, { rounds: '| a $& cell |\n| --- |' });
  expect(filled).toBe(document.replace('| old |', () => '| a $& cell |\n| --- |'));
});

test('Parts that are filled in twice give the same document', () => {
  const parts = { rounds: '| new |', memory: 'Little.' };
  const filled = fillPlaces(document, parts);
  expect(filled).toContain('<!-- bench: memory -->\n\nLittle.\n\n<!-- end -->');
  expect(fillPlaces(filled, parts)).toBe(filled);
});

test('A part that was not measured leaves the figures of an earlier run', () => {
  expect(fillPlaces(document, { rounds: '', memory: '' })).toBe(document);
});

test('A part without a place is an error that names it', () => {
  expect(() => fillPlaces(document, { queue: 'Fast.' })).toThrow('no place for queue');
});

test('docs/performance.md has one place for each part of both reports', async () => {
  const file = new URL('../../../docs/performance.md', import.meta.url);
  const places = placesOf(await readFile(file, 'utf8'));
  expect(places.toSorted()).toEqual([...reportParts, ...lambdaParts].toSorted());
});
