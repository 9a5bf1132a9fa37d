import { expect, test } from 'vitest';
import { readInteger, readNanos } from './json-integers.ts';

const words = { low: 0, high: 0 };
const whole = () => (BigInt(words.high) << 32n) | BigInt(words.low);

/** Of every length, and beside each power of two and of ten. */
const numbers = [
	0n,
	...Array.from({ length: 64 }, (_, bit) => 1n << BigInt(bit)).flatMap((power) => [power - 1n, power, power + 1n]),
	...Array.from({ length: 20 }, (_, digits) => 10n ** BigInt(digits)).flatMap((power) => [
		power - 1n,
		power,
		power * 7n + 3n,
	]),
].filter((number) => number < 1n << 64n);

test('nanoseconds come out of text and of whole numbers as BigInt reads them', () => {
	for (const number of numbers) {
		readNanos(String(number), 'time', words);
		expect(whole(), String(number)).toBe(number);
		readNanos(String(number).padStart(20, '0'), 'time', words);
		expect(whole(), `0${number}`).toBe(number);
		readNanos(number, 'time', words);
		expect(whole(), `${number}n`).toBe(number);
	}
	for (const text of ['12x', '-1', '1.5', ' 1', '1e3', '18446744073709551616', '99999999999999999999'])
		expect(() => readNanos(text, 'time', words), text).toThrow('time: nanoseconds as decimal text expected');
});

test('whole numbers are read in two’s complement, or left to others', () => {
	for (const number of numbers) {
		const text = String(number);
		const isRead = readInteger(text, words);
		expect([isRead, isRead ? whole() : number], text).toEqual([text.length < 19, number]);
		for (const safe of [Number(number), -Number(number)].filter(Number.isSafeInteger)) {
			expect(readInteger(safe, words)).toBe(true);
			expect(BigInt.asIntN(64, whole()), String(safe)).toBe(BigInt(safe));
		}
	}
	const others = ['', '-1', '1.0', '1e3', '0x1', 1.5, 2 ** 53, Number.NaN, Infinity, 5n, null, true, [], {}];
	expect(others.filter((other) => readInteger(other, words))).toEqual([]);
});
