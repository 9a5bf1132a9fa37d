import { expect, test } from 'vitest';
import { BytesInFlight, usualBytesInFlight } from './bytes-in-flight.ts';

test('there is room until all of it is held, and again when some is given back', () => {
	const room = new BytesInFlight(100);
	const first = room.hold(60);
	expect(room.hold(41)).toBeUndefined();
	expect(room.hold(40)).toBeDefined();
	first?.release();
	expect(room.heldBytes).toBe(40);
	expect(room.hold(60)).toBeDefined();
});

test('what is larger than all the room is let in alone', () => {
	const room = new BytesInFlight(100);
	const large = room.hold(500);
	expect(large).toBeDefined();
	expect(room.hold(1)).toBeUndefined();
	large?.release();
	expect(room.hold(1)).toBeDefined();
});

test('a hold grows only where there is room, and shrinks always', () => {
	const room = new BytesInFlight(100);
	const hold = room.hold(80);
	expect(hold?.resize(10)).toBe(true);
	expect(room.heldBytes).toBe(10);
	const other = room.hold(50);
	expect(hold?.resize(51)).toBe(false);
	expect(room.heldBytes).toBe(60);
	other?.release();
	expect(hold?.resize(5_000)).toBe(true);
	hold?.release();
	hold?.release();
	expect(hold?.resize(50)).toBe(false);
	expect(room.heldBytes).toBe(0);
});

test('what is given back while something is done with the bytes is free once that is over, however it ends', async () => {
	const room = new BytesInFlight(100);
	for (const isGood of [true, false]) {
		const work = Promise.withResolvers<void>();
		const hold = room.hold(80);
		hold?.keepFor(work.promise);
		hold?.release();
		expect(room.hold(21)).toBeUndefined();
		if (isGood) work.resolve();
		else work.reject(new Error('the disk is gone'));
		await expect.poll(() => room.heldBytes).toBe(0);
	}
});

test('by default it is a part of the memory', () => {
	expect(usualBytesInFlight()).toBeGreaterThan(1024 * 1024);
	expect(usualBytesInFlight()).toBeLessThanOrEqual(128 * 1024 * 1024);
});
