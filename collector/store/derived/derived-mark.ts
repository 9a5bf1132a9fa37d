/** Up to where a reader may believe a derived table: see derived-rows.ts. */
export interface DerivedMark {
	writer: string;
	derivedTo: number;
	/** No span that was stored after that ended earlier; Infinity where none was stored. */
	waitingFromMs: number;
	/** Of spans that were stored after that, and perhaps others; undefined where they aren't known. */
	environmentsWaiting(): ReadonlySet<string> | undefined;
	/** The last range that has, like all before it, no span that ended at `toMs` or later; 0 where that isn't known. */
	lastBefore(toMs: number): number;
	/** No span of another collector ended then or later; Infinity where that isn't known. */
	aloneFromMs: number;
	/** No row of another collector's accounts for a span that ended then or later; Infinity where that isn't known. */
	othersRowsToMs: number;
}
