import { expect, test } from 'vitest';
import { ATTRIBUTE_SOURCES } from '../../schema/semantic-conventions.ts';
import { PROMOTED_ATTRIBUTES } from '../../schema/promoted-attributes.ts';
import { FACT_COUNT, factOf, isCanonical, KINDS_OF_SOURCE, SlotNames, slotOf, SOURCES_FROM } from './facts.ts';

test('the facts of a row fit into the two words that rule most of them out', () => {
	expect(FACT_COUNT).toBeLessThanOrEqual(64);
});

test('every promoted attribute is a fact, and every fact has its sources in order', () => {
	for (const { attribute } of PROMOTED_ATTRIBUTES) expect(Object.keys(ATTRIBUTE_SOURCES)).toContain(attribute);
	expect(SOURCES_FROM).toHaveLength(FACT_COUNT + 1);
	expect([...SOURCES_FROM].sort((a, b) => a - b)).toEqual([...SOURCES_FROM]);
	expect(isCanonical(SOURCES_FROM[factOf('http.request.method')]!)).toBe(true);
	expect(isCanonical(SOURCES_FROM[factOf('rpc.response.status_code')]!)).toBe(false);
});

test('a source counts for the kinds that the table names', () => {
	const peerName = SOURCES_FROM[factOf('server.address')]! + 2;
	expect(KINDS_OF_SOURCE[peerName]).toBe(0b11_1011);
});

test('a name is found by its bytes, whatever stands around them', () => {
	const names = new SlotNames();
	const bytes = Buffer.from('xhttp.routex');
	expect(names.find(bytes, 1, 11)).toBe(slotOf('http.route'));
	expect(names.find(bytes, 0, 11)).toBe(-1);
});
