import type { DocumentKey, DocumentVersion, RecentQuery, StateTable } from '../../collector/state/state-table.ts';

/** A table of documents that never fails, for one store or for several. */
export class MemoryTable implements StateTable {
	readonly rows: DocumentVersion[] = [];
	#writes = 0;

	async current(limit: number): Promise<DocumentVersion[]> {
		const newest = new Map<string, DocumentVersion>();
		for (const row of this.rows) newest.set(JSON.stringify([row.project, row.kind, row.name]), row);
		return [...newest.values()].filter(({ json }) => json !== undefined).slice(0, limit);
	}
	async newest(key: DocumentKey): Promise<DocumentVersion | undefined> {
		return (await this.history(key, 1))[0];
	}
	async history({ project, kind, name }: DocumentKey, limit: number): Promise<DocumentVersion[]> {
		return this.rows
			.filter((row) => row.project === project && row.kind === kind && row.name === name)
			.reverse()
			.slice(0, limit);
	}
	async countVersionsOf(key: DocumentKey): Promise<number> {
		return (await this.history(key, Infinity)).filter(({ json }) => json !== undefined).length;
	}
	async recent({ beforeMs, limit, without }: RecentQuery): Promise<DocumentVersion[]> {
		const found = this.rows.filter(({ timeMs, kind }) => timeMs < beforeMs && !without.includes(kind));
		return found.reverse().slice(0, limit);
	}
	async position(): Promise<number> {
		return this.#writes;
	}
	async append(versions: readonly DocumentVersion[], position: number): Promise<boolean> {
		if (position !== this.#writes) return false;
		this.#writes += 1;
		this.rows.push(...versions);
		return true;
	}
	async settle(): Promise<void> {}
}
