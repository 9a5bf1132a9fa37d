import type { Log } from '../log.ts';
import { ProblemError } from '../problem.ts';
import type { StateStore } from '../state/state-store.ts';
import type { EvaluatorBeats } from '../store/alerts/alert-types.ts';

interface TurnParts {
	state: StateStore;
	beats: EvaluatorBeats;
	/** Milliseconds that only grow, of this process. */
	monotonicMs: () => number;
	log: Log;
}

export const BEAT_MS = 5_000;
/** So long after its last beat an evaluator takes itself for the one; less than what the others wait, by a slow query. */
const holdMs = 20_000;
const takeOverMs = 30_000;

/**
 * Which of several collectors on one store evaluates alerts. The one whose epoch is the newest does, as long as it shows that it
 * lives; when it was quiet for half a minute, or said that it stops, one of the others takes the next epoch, by compare-and-set.
 * Should an old evaluator wake up in the middle of a pass, its rows lose by their epoch, and what it tells has the same keys.
 */
export class EvaluatorTurn implements Turn {
	readonly #parts: TurnParts;
	/** 0: it isn't this one's turn. */
	#epoch = 0;
	#untilMs = -Infinity;

	constructor(parts: TurnParts) {
		this.#parts = parts;
	}

	/** The number of this evaluator while it is its turn; undefined while it isn't. */
	epoch(): number | undefined {
		return this.#epoch > 0 && this.#parts.monotonicMs() < this.#untilMs ? this.#epoch : undefined;
	}

	/** Shows that it lives, or looks whether the other one does. To be called every BEAT_MS. */
	async step(): Promise<void> {
		const { state, log } = this.#parts;
		const [newest] = await state.history(EVALUATOR, 1);
		const epoch = newest?.version ?? 0;
		if (this.#epoch > 0 && epoch === this.#epoch) return this.#beat(epoch);
		if (this.#epoch > 0)
			log.warn({ epoch: this.#epoch, newer: epoch }, 'another collector evaluates alerts from now on');
		this.#epoch = 0;
		await this.#takeOver(epoch);
	}

	/** Lets another one follow at once. */
	async close(): Promise<void> {
		const epoch = this.epoch();
		this.#epoch = 0;
		if (epoch !== undefined) await this.#parts.beats.beat(epoch, true);
	}

	async #beat(epoch: number): Promise<void> {
		const beganMs = this.#parts.monotonicMs();
		await this.#parts.beats.beat(epoch, false);
		this.#untilMs = beganMs + holdMs;
	}

	async #takeOver(before: number): Promise<void> {
		const { beats, state, log } = this.#parts;
		if (before > 0 && (await beats.quietMs(before)) < takeOverMs) return;
		// First: between the claim and the first sign of life nobody may take it for dead.
		await this.#beat(before + 1);
		const claimed = await claimEpoch(state, before);
		if (claimed === undefined) return;
		this.#epoch = claimed;
		log.info({ epoch: claimed }, 'this collector evaluates alerts from now on');
	}
}

/** Of the document that counts evaluators. */
export const EVALUATOR_KIND = 'alerting';
const EVALUATOR = { project: 'default', kind: EVALUATOR_KIND, name: 'epoch' };

/** Whose turn it is to evaluate, as seen from one collector. */
export interface Turn {
	epoch(): number | undefined;
	step(): Promise<void>;
	close(): Promise<void>;
}

/** `beats`: others may evaluate, too. Without `isCandidate` it is never this one's turn. */
export async function openTurn(
	{ state, log }: Pick<TurnParts, 'state' | 'log'>,
	beats: EvaluatorBeats | undefined,
	isCandidate: boolean,
): Promise<Turn> {
	if (isCandidate && beats !== undefined) {
		const turn = new EvaluatorTurn({ state, beats, monotonicMs: () => performance.now(), log });
		await turn.step();
		return turn;
	}
	const epoch = isCandidate ? await claimEpoch(state) : undefined;
	return { epoch: () => epoch, step: async () => {}, close: async () => {} };
}

/** Whoever evaluates from now on has a larger number than all before; undefined: another one came before. */
async function claimEpoch(state: StateStore, expected?: number): Promise<number | undefined> {
	try {
		return (await state.put(EVALUATOR, {}, { author: 'evaluator', expected })).version;
	} catch (error) {
		if (error instanceof ProblemError && error.code === 'VERSION_CONFLICT') return undefined;
		throw error;
	}
}
