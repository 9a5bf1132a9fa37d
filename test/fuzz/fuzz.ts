import { randomFrom } from '../bench/traffic.ts';

/** Numbers in [0, 1), the same for the same seed. */
export type Random = () => number;

export type Verdict = 'taken' | 'refused';

/** A part of the product that strangers' bytes reach. */
export interface FuzzTarget {
	name: string;
	/** How many cases run at once. */
	concurrency: number;
	/** The bytes of a case: nothing but `random` may decide them. */
	make(random: Random): Uint8Array;
	/** Throws when something is wrong with the product, not with the bytes. */
	execute(input: Uint8Array): Verdict | Promise<Verdict>;
	close(): Promise<void>;
}

export interface FuzzReport {
	target: string;
	executions: number;
	taken: number;
	refused: number;
	slowestMs: number;
	slowestCase: number;
	seconds: number;
}

interface FuzzOptions {
	seed: number;
	executions: number;
	/** The first case; to repeat one, name it and ask for one execution. */
	firstCase?: number;
}

const shownBytes = 1_500;

/** A case that broke the product, with all that is needed to repeat it. */
class FuzzFailure extends Error {
	override readonly name = 'FuzzFailure';

	constructor(target: FuzzTarget, seed: number, number: number, input: Uint8Array, cause: unknown) {
		const bytes = Buffer.from(input.subarray(0, shownBytes)).toString('base64');
		const rest = input.length > shownBytes ? `… of ${input.length} bytes` : '';
		super(
			`${target.name}, seed ${seed}, case ${number}: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}\n` +
				`again: npm run fuzz -- --target ${target.name} --seed ${seed} --case ${number}\nbase64: ${bytes}${rest}`,
			{ cause },
		);
	}
}

/** Every case has a generator of its own, so that any of them can be repeated without those before it. */
const randomOfCase = (seed: number, number: number): Random =>
	randomFrom((Math.imul(seed, 0x9e37_79b1) ^ Math.imul(number + 1, 0x85eb_ca6b)) >>> 0);

/** Runs that many cases. Rejects with the first that breaks something. */
export async function fuzz(target: FuzzTarget, options: FuzzOptions): Promise<FuzzReport> {
	const { seed, executions, firstCase = 0 } = options;
	const report = { target: target.name, executions, taken: 0, refused: 0, slowestMs: 0, slowestCase: firstCase };
	const startedMs = performance.now();
	let next = firstCase;
	const worker = async (): Promise<void> => {
		while (next < firstCase + executions) {
			const number = next++;
			const input = target.make(randomOfCase(seed, number));
			const beganMs = performance.now();
			try {
				const verdict = target.execute(input);
				report[typeof verdict === 'string' ? verdict : await verdict] += 1;
			} catch (error) {
				throw new FuzzFailure(target, seed, number, input, error);
			}
			const tookMs = performance.now() - beganMs;
			if (tookMs > report.slowestMs) Object.assign(report, { slowestMs: tookMs, slowestCase: number });
		}
	};
	await Promise.all(Array.from({ length: target.concurrency }, worker));
	return { ...report, seconds: (performance.now() - startedMs) / 1_000 };
}
