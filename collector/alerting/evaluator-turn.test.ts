import { expect, test } from 'vitest';
import { MemoryTable } from '../../test/support/memory-table.ts';
import { silentLog } from '../log.ts';
import { StateStore } from '../state/state-store.ts';
import { BEAT_MS, EvaluatorTurn } from './evaluator-turn.ts';

/** Collectors on one store, with one clock in the test's hands. */
class TurnWorld {
	nowMs = 1_000_000;
	/** The beats' store takes and gives nothing. */
	isAway = false;
	readonly #table = new MemoryTable();
	readonly #beats: { epoch: number; isLast: boolean; ms: number }[] = [];

	async join(): Promise<EvaluatorTurn> {
		const state = await StateStore.open({ table: this.#table, clock: () => this.nowMs });
		const beat = async (epoch: number, isLast: boolean): Promise<void> => {
			if (this.isAway) throw new Error('away');
			this.#beats.push({ epoch, isLast, ms: this.nowMs });
		};
		const quietMs = async (epoch: number): Promise<number> => {
			const own = this.#beats.filter((one) => one.epoch === epoch);
			if (own.length === 0 || own.some(({ isLast }) => isLast)) return Infinity;
			return this.nowMs - Math.max(...own.map(({ ms }) => ms));
		};
		return new EvaluatorTurn({
			state,
			beats: { beat, quietMs },
			monotonicMs: () => this.nowMs,
			log: silentLog,
		});
	}
}

const whoseTurn = (turns: readonly EvaluatorTurn[]): number[] =>
	turns.flatMap((turn, index) => (turn.epoch() === undefined ? [] : [index]));

test('of collectors that start at once one evaluates, and goes on as long as it lives', async () => {
	const world = new TurnWorld();
	const turns = await Promise.all([world.join(), world.join(), world.join()]);
	await Promise.all(turns.map((turn) => turn.step()));
	const [chosen] = whoseTurn(turns);
	expect(whoseTurn(turns)).toHaveLength(1);
	for (let beat = 0; beat < 20; beat += 1) {
		world.nowMs += BEAT_MS;
		for (const turn of turns) await turn.step();
		expect(whoseTurn(turns)).toEqual([chosen]);
	}
});

test('one that is quiet gives up before another takes over, and does not come back by itself', async () => {
	const world = new TurnWorld();
	const [first, second] = await Promise.all([world.join(), world.join()]);
	await first.step();
	await second.step();
	const epoch = first.epoch() ?? 0;
	const seen: number[][] = [];
	for (let beat = 0; beat < 8; beat += 1) {
		world.nowMs += BEAT_MS;
		await second.step();
		seen.push(whoseTurn([first, second]));
	}
	expect(seen).toEqual([[0], [0], [0], [], [], [1], [1], [1]]);
	expect(second.epoch()).toBeGreaterThan(epoch);
	await first.step();
	expect(whoseTurn([first, second])).toEqual([1]);
});

test('one that stops lets another follow at once', async () => {
	const world = new TurnWorld();
	const [first, second] = await Promise.all([world.join(), world.join()]);
	await first.step();
	await second.step();
	await first.close();
	expect(whoseTurn([first, second])).toEqual([]);
	await second.step();
	expect(whoseTurn([first, second])).toEqual([1]);
});

test('while the store is away nobody evaluates for longer than it can be known that nobody else does', async () => {
	const world = new TurnWorld();
	const [first, second] = await Promise.all([world.join(), world.join()]);
	await first.step();
	world.isAway = true;
	world.nowMs += 4 * BEAT_MS;
	await expect(first.step()).rejects.toThrow('away');
	expect(whoseTurn([first, second])).toEqual([]);
	world.isAway = false;
	await first.step();
	expect(whoseTurn([first, second])).toEqual([0]);
});
