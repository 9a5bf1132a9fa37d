import { pino } from 'pino';
import { expect, test, vi } from 'vitest';
import { closeInTurn } from './close-in-turn.ts';
import { silentLog } from './log.ts';

const never = () => new Promise<never>(() => {});

test('closes one after the other, and waits for what has no limit', async () => {
	const order: string[] = [];
	const step = (what: string, ms: number) => ({
		what,
		close: async () => {
			order.push(`${what} begins`);
			await new Promise((resolve) => setTimeout(resolve, ms));
			order.push(`${what} ends`);
		},
	});
	await closeInTurn([step('requests', 20), { ...step('store', 1), mostMs: 60_000 }], silentLog);
	expect(order).toEqual(['requests begins', 'requests ends', 'store begins', 'store ends']);
});

test('leaves what takes too long, says so, and closes the rest', async () => {
	const lines: object[] = [];
	const log = pino({ base: null, timestamp: false }, { write: (line) => lines.push(JSON.parse(line) as object) });
	const store = vi.fn<() => Promise<void>>(() => Promise.resolve());
	await closeInTurn(
		[
			{ what: 'background work', mostMs: 5, close: never },
			{ what: 'the store', mostMs: 60_000, close: store },
		],
		log,
	);
	expect(lines[0]).toMatchObject({ level: 40, what: 'background work', mostMs: 5 });
	expect(store).toHaveBeenCalledOnce();
});

test('what fails keeps nothing else open, and is heard of at the end', async () => {
	const store = vi.fn<() => Promise<void>>(() => Promise.resolve());
	const failing = { what: 'requests', close: () => Promise.reject(new Error('the listener is gone')) };
	await expect(closeInTurn([failing, { what: 'the store', close: store }], silentLog)).rejects.toThrow(
		'the listener is gone',
	);
	expect(store).toHaveBeenCalledOnce();
});
