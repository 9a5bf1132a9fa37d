import type { DocumentOf } from '../../schema/desired-state.ts';
import { durationMs } from '../desired/durations.ts';
import type { Retention } from '../store/retention.ts';

interface RetentionParts {
	/** Where no document says otherwise. */
	configured: Retention;
	/** Documents of every project. */
	declared: () => readonly DocumentOf<'Retention'>[];
	/** Sets it, and throws where that fails. */
	apply: (retention: Retention) => Promise<void>;
}

/** As configured, unless documents say otherwise. The tables are shared: of several documents the longest time holds. */
export function retentionOf(
	configured: Retention,
	declared: readonly Pick<DocumentOf<'Retention'>, 'spec'>[],
): Retention {
	const longest = (name: 'spans' | 'rollups', otherwise: number): number => {
		const times = declared.flatMap(({ spec }) => (spec[name] === undefined ? [] : [durationMs(spec[name])]));
		return times.length === 0 ? otherwise : Math.max(...times);
	};
	return {
		spansMs: longest('spans', configured.spansMs),
		derivedMs: longest('rollups', configured.derivedMs),
	};
}

/** How long data stays: follows what is declared, and tries again what the store didn't take. */
export class DeclaredRetention {
	readonly #parts: RetentionParts;
	#current: Retention;

	private constructor(parts: RetentionParts, current: Retention) {
		this.#parts = parts;
		this.#current = current;
	}

	/** Resolves when it is set. */
	static async open(parts: RetentionParts): Promise<DeclaredRetention> {
		const wanted = retentionOf(parts.configured, parts.declared());
		await parts.apply(wanted);
		return new DeclaredRetention(parts, wanted);
	}

	/** As it was set last. */
	current(): Retention {
		return this.#current;
	}

	/** Of requests: what ended before the retention is placed where it was received. */
	limits(maxBodyBytes: number): { readonly maxBodyBytes: number; readonly retentionMs: number } {
		const now = () => this.#current.spansMs;
		return {
			maxBodyBytes,
			get retentionMs() {
				return now();
			},
		};
	}

	/** Sets what is declared by now, where it is something else. Throws where the store doesn't take it. */
	async step(): Promise<boolean> {
		const { configured, declared, apply } = this.#parts;
		const wanted = retentionOf(configured, declared());
		if (wanted.spansMs === this.#current.spansMs && wanted.derivedMs === this.#current.derivedMs) return false;
		await apply(wanted);
		this.#current = wanted;
		return false;
	}
}
