import { expect, test } from 'vitest';
import { SPAN_KINDS } from '../../schema/span.ts';
import type { SpanKind } from '../../schema/span.ts';
import { clockSkew } from './clock-skew.ts';

type Drawn = [clock: number, parent: number, start: number, end: number, kind?: SpanKind];
const skews = (drawn: Drawn[]): number[] => [
	...clockSkew({
		topDown: Uint32Array.from(drawn, (_, index) => index),
		parent: Int32Array.from(drawn, ([, parent]) => parent),
		start: Float64Array.from(drawn, ([, , start]) => start),
		duration: Float64Array.from(drawn, ([, , start, end]) => end - start),
		kind: Uint8Array.from(drawn, ([, , , , kind]) => SPAN_KINDS.indexOf(kind ?? 'server')),
		clock: Uint32Array.from(drawn, ([clock]) => clock),
	}),
];

// caller      |--------|
// callee        |----|
test('a call that fits is left alone', () => {
	expect(
		skews([
			[1, -1, 0, 100],
			[2, 0, 20, 80],
		]),
	).toEqual([0, 0]);
});

// caller      |--------|
// callee  |----|            →    |----|  in the middle
test('a call that begins before its caller is centred in it', () => {
	expect(
		skews([
			[1, -1, 100, 200],
			[2, 0, 40, 100],
		]),
	).toEqual([0, 80]);
});

test('a call that ends after its caller is centred too', () => {
	expect(
		skews([
			[1, -1, 100, 200],
			[2, 0, 180, 240],
		]),
	).toEqual([0, -60]);
});

// caller      |--------|
// callee  |----------------|     →  starts with it, no more is known
test('what outlasts its caller is only kept from beginning before it', () => {
	expect(
		skews([
			[1, -1, 100, 200],
			[2, 0, 40, 240],
		]),
	).toEqual([0, 60]);
	expect(
		skews([
			[1, -1, 100, 200],
			[2, 0, 140, 340],
		]),
	).toEqual([0, 0]);
});

test('a consumer may begin long after its producer, but not before', () => {
	expect(
		skews([
			[1, -1, 100, 200],
			[2, 0, 900, 950, 'consumer'],
		]),
	).toEqual([0, 0]);
	expect(
		skews([
			[1, -1, 100, 200],
			[2, 0, 90, 95, 'consumer'],
		]),
	).toEqual([0, 10]);
});

test('spans of the same clock move along, and the next clock is compared with where they went', () => {
	expect(
		skews([
			[1, -1, 1000, 1100],
			[2, 0, 0, 80],
			[2, 1, 10, 70],
			[3, 2, 20, 40],
		]),
	).toEqual([0, 1010, 1010, 1020]);
});

test('within one service nothing is moved', () => {
	expect(
		skews([
			[1, -1, 100, 200],
			[1, 0, 0, 50],
		]),
	).toEqual([0, 0]);
});
