/** What the store keeps of alerts, in memory: the same row again changes nothing, as in the tables. */
import type {
	AlertEventRow,
	AlertTable,
	EvaluationRow,
	FiringEvents,
	StateRow,
} from '../../collector/store/alerts/alert-types.ts';

export class MemoryAlertTable implements AlertTable {
	readonly rows = new Map<string, EvaluationRow>();
	readonly stateRows: StateRow[] = [];
	readonly events = new Map<string, AlertEventRow>();

	appendEvaluations(rows: readonly EvaluationRow[]): Promise<void> {
		for (const row of rows) this.rows.set(JSON.stringify([row.project, row.rule, row.question, row.tMs]), row);
		return Promise.resolve();
	}

	evaluations(
		{ project, rule, question }: Pick<EvaluationRow, 'project' | 'rule' | 'question'>,
		{ afterMs, toMs, limit }: { afterMs: number; toMs: number; limit: number },
	): Promise<EvaluationRow[]> {
		const found = this.#sorted().filter(
			(row) =>
				row.project === project &&
				row.rule === rule &&
				row.question === question &&
				row.tMs > afterMs &&
				row.tMs <= toMs,
		);
		return Promise.resolve(found.slice(-limit));
	}

	firstEvaluationMs({ rule, question }: Pick<EvaluationRow, 'project' | 'rule' | 'question'>): Promise<number | null> {
		const first = this.#sorted().find((row) => row.rule === rule && row.question === question);
		return Promise.resolve(first?.tMs ?? null);
	}

	evaluationsSince(sinceMs: number, limit: number): Promise<EvaluationRow[]> {
		return Promise.resolve(
			this.#sorted()
				.filter(({ tMs }) => tMs > sinceMs)
				.slice(0, limit),
		);
	}

	appendStates(rows: readonly StateRow[]): Promise<void> {
		this.stateRows.push(...rows);
		return Promise.resolve();
	}

	states(): Promise<StateRow[]> {
		const newest = new Map<string, StateRow>();
		for (const row of this.stateRows) {
			const key = JSON.stringify([row.project, row.rule]);
			const known = newest.get(key);
			if (
				known === undefined ||
				row.epoch > known.epoch ||
				(row.epoch === known.epoch && row.sequence > known.sequence)
			) {
				newest.set(key, row);
			}
		}
		return Promise.resolve([...newest.values()].filter(({ deleted }) => deleted === 0));
	}

	appendEvents(rows: readonly AlertEventRow[]): Promise<void> {
		for (const row of rows) {
			const { project, rule, firingId, kind, tMs, groupKey, conditionKey, text } = row;
			this.events.set(JSON.stringify([project, rule, firingId, kind, tMs, groupKey, conditionKey, text]), row);
		}
		return Promise.resolve();
	}

	eventsOf(_: string, firingId: string): Promise<FiringEvents> {
		const events = [...this.events.values()].filter((event) => event.firingId === firingId);
		return Promise.resolve({ events, of: events.length });
	}

	firings(): Promise<AlertEventRow[]> {
		return Promise.resolve([...this.events.values()].filter(({ kind }) => kind === 'fired' || kind === 'resolved'));
	}

	openFirings(): Promise<AlertEventRow[]> {
		const all = [...this.events.values()];
		const ended = new Set(all.filter(({ kind }) => kind === 'resolved').map(({ firingId }) => firingId));
		return Promise.resolve(all.filter(({ kind, firingId }) => kind === 'fired' && !ended.has(firingId)));
	}

	endedFirings(fromMs: number): Promise<AlertEventRow[]> {
		return Promise.resolve([...this.events.values()].filter(({ kind, tMs }) => kind === 'resolved' && tMs >= fromMs));
	}

	#sorted(): EvaluationRow[] {
		return [...this.rows.values()].sort((a, b) => a.tMs - b.tMs);
	}
}
