import type { AlertTable, AlertValueReader } from '../store/alerts/alert-types.ts';
import type { ObjectiveTable } from '../store/alerts/objective-table.ts';
import { questionOf } from './measure-alerts.ts';
import { toRow } from './stored-evaluation.ts';
import type { MeasureBatch, Watched } from './watched.ts';

interface PastParts {
	table: AlertTable;
	spans: Pick<ObjectiveTable, 'oldestSpanMs'>;
	values: Pick<AlertValueReader, 'isRolledUp'>;
	measure: MeasureBatch;
	clock: () => number;
}

/** What one step measures. */
const chunkMs = 6 * 3_600_000;
const mostTicks = 2_000;
const longestMs = 30 * 86_400_000;
/** Of no evaluator: whatever was evaluated holds against it. */
const epoch = 0;

/**
 * Records what rules would have measured before they were declared, as far as spans are kept: those that the rollups can't
 * answer, which know it as long as they live themselves.
 */
export class RecordPast {
	readonly #parts: PastParts;
	/** Where each question has come to on its way back; null at its end. */
	readonly #reached = new Map<string, number | null>();

	constructor(parts: PastParts) {
		this.#parts = parts;
	}

	/** One piece of one rule; true when there is more. */
	async step(rules: readonly Watched[]): Promise<boolean> {
		const { values, table } = this.#parts;
		for (const watched of rules) {
			const key = `${watched.project} ${watched.key} ${watched.question}`;
			const known = this.#reached.get(key);
			if (watched.kind !== 'Alert' || known === null) continue;
			if (known === undefined && values.isRolledUp(questionOf(watched, [watched.rule.measure]))) {
				this.#reached.set(key, null);
				continue;
			}
			const { project, key: rule, question } = watched;
			const firstMs = known ?? (await table.firstEvaluationMs({ project, rule, question }));
			// It is evaluated first.
			if (firstMs === null) continue;
			this.#reached.set(key, await this.#record(watched, firstMs));
			return true;
		}
		return false;
	}

	/** Returns the end of the first window that is recorded now; null at the end. */
	async #record(watched: Watched, firstMs: number): Promise<number | null> {
		const { spans, measure, table, clock } = this.#parts;
		const { everyMs, windowMs } = watched.rule;
		const oldestMs = await spans.oldestSpanMs(watched.project);
		if (oldestMs === null) return null;
		const untilMs = Math.max(oldestMs + windowMs, clock() - longestMs);
		const toMs = firstMs - everyMs;
		const least = Math.max(untilMs, toMs - Math.min(chunkMs, mostTicks * everyMs));
		const fromMs = Math.ceil(least / everyMs) * everyMs;
		if (fromMs > toMs) return null;
		const measured = (await measure([watched], { fromMs, toMs })).get(watched) ?? [];
		await table.appendEvaluations(
			measured.flatMap((one) => (one.kind === 'values' ? [toRow(watched, one, epoch)] : [])),
		);
		return fromMs;
	}
}
