import type { ObjectiveMinute, ObjectiveTable } from '../../collector/store/alerts/objective-table.ts';

/** Events by minute that a test makes up, as the store would count and keep them. */
export class MemoryObjectiveTable implements ObjectiveTable {
	readonly #events: ReadonlyMap<number, ObjectiveMinute>;
	readonly #recorded = new Map<string, Map<number, ObjectiveMinute>>();
	/** Spans before this are gone. */
	keptFromMs = 0;

	constructor(events: readonly ObjectiveMinute[]) {
		this.#events = new Map(events.map((minute) => [minute.tMs, minute]));
	}

	async count({ window: { fromMs, toMs } }: Parameters<ObjectiveTable['count']>[0]): Promise<ObjectiveMinute[]> {
		const from = Math.max(fromMs, this.keptFromMs);
		return [...this.#events.values()].filter(({ tMs, total }) => tMs >= from && tMs < toMs && total > 0);
	}

	async record(project: string, objective: string, minutes: readonly ObjectiveMinute[]): Promise<void> {
		const key = `${project} ${objective}`;
		const known = this.#recorded.get(key) ?? new Map<number, ObjectiveMinute>();
		for (const minute of minutes) known.set(minute.tMs, minute);
		this.#recorded.set(key, known);
	}

	async recorded(project: string, objective: string, fromMs: number): Promise<ObjectiveMinute[]> {
		const known = this.#recorded.get(`${project} ${objective}`);
		return [...(known?.values() ?? [])].filter(({ tMs }) => tMs >= fromMs).sort((a, b) => a.tMs - b.tMs);
	}

	async oldestSpanMs(): Promise<number | null> {
		const times = [...this.#events.values()].flatMap(({ tMs, total }) => (total > 0 ? [tMs] : []));
		return times.length === 0 ? null : Math.max(this.keptFromMs, Math.min(...times));
	}
}
