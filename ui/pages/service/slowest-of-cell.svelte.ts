import { problemOf } from '../../lib/api.ts';
import { endMsOf } from '../../lib/unix-nano.ts';
import type { AppParts } from '../../lib/app.ts';
import type { HeatBrush } from '../../charts/heatmap-grid.ts';
import type { SpansAnswer } from '../../../schema/api.ts';

/** From a cell of a heatmap to the slowest trace in it, at the very span that the cell counts. */
export class SlowestOfCell {
	readonly #app: AppParts;
	#search: AbortController | undefined;
	isLooking = $state(false);

	constructor(app: AppParts) {
		this.#app = app;
	}

	/** A second cell takes the first one's place. What keeps it from opening is told. */
	async open(query: string, cell: HeatBrush): Promise<void> {
		const { api, router, time, toasts } = this.#app;
		this.stop();
		const { signal } = (this.#search = new AbortController());
		this.isLooking = true;
		const { fromMs, toMs, minNano, maxNano } = cell;
		const within = { ...time.parameters, from: fromMs, to: toMs, minNano, maxNano };
		try {
			const found = await api.get<SpansAnswer>('/spans', { ...within, q: query, sort: '-duration', limit: 1 }, signal);
			if (signal.aborted) return;
			const [span] = found.spans;
			if (span === undefined) toasts.add('No span of this cell is there: it is empty, or they are no longer kept');
			else router.go(router.href(`/trace/${span.traceId}`, { at: endMsOf(span), span: span.spanId }));
		} catch (error) {
			if (!signal.aborted) toasts.add(`The slowest span could not be looked for: ${problemOf(error).detail}`);
		} finally {
			if (!signal.aborted) this.isLooking = false;
		}
	}

	stop(): void {
		this.#search?.abort();
		this.isLooking = false;
	}
}
