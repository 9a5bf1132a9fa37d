import { parseQuery } from '../../../schema/query-language.ts';
import { recogniseTraceId } from '../../../schema/query-trace-id.ts';
import { bothOf, chosenValues, withChoice } from '../../../schema/query-choose.ts';
import type { Choice, Chosen } from '../../../schema/query-choose.ts';
import { tracesQuery } from '../traces-query.ts';
import { questionOf } from '../explore/series-question.ts';
import type { SeriesQuestion } from '../explore/series-question.ts';
import { keysOf } from './facet-keys.ts';
import type { HeatBrush } from '../../charts/heatmap-grid.ts';
import type { AppParts } from '../../lib/app.ts';
import type { QueryParameters } from '../../lib/api.ts';
import type { QueryValues } from '../../lib/query-state.ts';

/** What the search screen shows and how it changes: read from the address and written to it. */
export class SearchState {
	readonly #app: AppParts;

	constructor(app: AppParts) {
		this.#app = app;
	}

	get view(): QueryValues<typeof tracesQuery> {
		return this.#app.router.read(tracesQuery);
	}

	get q(): string {
		return this.view.q;
	}

	/** A link may have any text for a query: what is wrong with it is told under it, and nothing is asked. */
	get isReadable(): boolean {
		return parseQuery(this.q).kind === 'query';
	}

	/** The list that new traces can be put on top of. */
	get isNewestTraces(): boolean {
		const { view, sort } = this.view;
		return view === 'traces' && sort === '-end' && !this.isSelecting;
	}

	/** Some spans of the query are told from the others. */
	get isSelecting(): boolean {
		const { brush, pick, against } = this.view;
		return brush !== undefined || pick !== '' || against !== undefined;
	}

	/** The query of the picked spans; of the whole query where none are picked, or where a structure can't be narrowed. */
	get picked(): string {
		const { q, pick } = this.view;
		return pick === '' ? q : (bothOf(q, pick) ?? q);
	}

	/** Of the whole query, for charts and facets. */
	get parameters(): QueryParameters {
		return { ...this.#app.time.parameters, q: this.q };
	}

	/** Of what is listed: what is selected, where something is. */
	get listed(): QueryParameters {
		const { brush } = this.view;
		const parameters = { ...this.parameters, q: this.picked };
		if (brush === undefined) return parameters;
		const { fromMs, toMs, minNano, maxNano } = brush;
		return { ...parameters, from: fromMs, to: toMs, minNano, maxNano };
	}

	/** Someone who pastes an id wants that trace, whatever the time range. */
	run(q: string): void {
		const { router } = this.#app;
		const pasted = recogniseTraceId(q);
		if (pasted === undefined) router.write(tracesQuery, { q, brush: undefined, pick: '', against: undefined });
		else router.go(router.href(`/trace/${pasted.traceId}`, { span: pasted.spanId }));
	}

	write(changes: Partial<QueryValues<typeof tracesQuery>>): void {
		this.#app.router.write(tracesQuery, changes);
	}

	brush(brush: HeatBrush | undefined): void {
		this.write({ brush });
	}

	clearSelection(): void {
		this.write({ brush: undefined, pick: '', against: undefined });
	}

	/**
	 * Chosen for a comparison; with the second one the two are shown side by side. The same one again takes it back. `endOf` is
	 * when a trace ended, as far as the list knows it.
	 */
	compareWith(traceId: string, endOf: (traceId: string) => number | undefined): void {
		const { router } = this.#app;
		const first = this.view.with;
		if (first === '' || first === traceId) router.write(tracesQuery, { with: first === '' ? traceId : '' }, 'replace');
		else router.go(router.href(`/compare/${first}/${traceId}`, { ata: endOf(first), atb: endOf(traceId) }));
	}

	/** Beside the list; empty ends it. Not a step of history: Back leaves the list, not the preview. */
	preview(traceId: string): void {
		this.#app.router.write(tracesQuery, { preview: traceId }, 'replace');
	}

	/** What the chart of series shows. */
	get question(): SeriesQuestion {
		return questionOf(this.view);
	}

	writeSeries(changes: Partial<QueryValues<typeof tracesQuery>>): void {
		this.write(changes);
	}

	/** Draws what the query finds by the values of a key. */
	groupBy(key: string): void {
		this.write({ chart: 'series', by: key });
	}

	/** What is selected stays so: within fewer spans it may differ in something else. */
	choose(key: string, value: string, choice: Choice): void {
		this.write({ q: withChoice(this.q, key, value, choice) });
	}

	addFacet(key: string): void {
		this.write({ facets: [...new Set([...keysOf(this.view.facets), key])].join(',') });
	}

	/** Columns are of spans. */
	addColumn(key: string): void {
		this.write({ view: 'spans', cols: [...new Set([...keysOf(this.view.cols), key])].join(',') });
	}

	chosen(key: string): Chosen {
		return chosenValues(this.q, key);
	}
}
