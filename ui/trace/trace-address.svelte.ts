import { traceQuery } from './trace-query.ts';
import type { QueryValues } from '../lib/query-state.ts';
import type { Router } from '../lib/router.svelte.ts';

export type TraceQueryValues = QueryValues<typeof traceQuery>;

/** Browsers refuse to write the address more often than some twenty times a second. */
const SETTLE_MS = 200;

/** The address of a trace. What changes many times a second is written into it once it has settled. */
export class TraceAddress {
	readonly #router: Pick<Router, 'read' | 'write'>;
	#unwritten = $state.raw<Partial<TraceQueryValues>>({});
	#timer: ReturnType<typeof setTimeout> | undefined;
	readonly values: TraceQueryValues = $derived.by(() => ({ ...this.#router.read(traceQuery), ...this.#unwritten }));

	/** One by one, so that zooming doesn't filter 50,000 spans again. */
	readonly span: string = $derived(this.values.span);
	readonly filter: string = $derived(this.values.f);
	readonly only: boolean = $derived(this.values.only);
	readonly root: string = $derived(this.values.root);
	readonly #pinned: string = $derived(this.values.pin.join(','));
	readonly pins: readonly string[] = $derived(this.#pinned === '' ? [] : this.#pinned.split(','));

	constructor(router: Pick<Router, 'read' | 'write'>) {
		this.#router = router;
	}

	/** While typing, dragging, or walking from row to row. */
	settle(changes: Partial<TraceQueryValues>): void {
		this.#unwritten = { ...this.#unwritten, ...changes };
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => this.#write('replace'), SETTLE_MS);
	}

	/** A step that Back undoes. */
	push(changes: Partial<TraceQueryValues>): void {
		this.#unwritten = { ...this.#unwritten, ...changes };
		this.#write('push');
	}

	/** Writes what hasn't settled yet. */
	flush(): void {
		if (Object.keys(this.#unwritten).length > 0) this.#write('replace');
	}

	/** Forgets what was not written: the address is another page's by now. */
	leave(): void {
		clearTimeout(this.#timer);
		this.#unwritten = {};
	}

	#write(how: 'push' | 'replace'): void {
		clearTimeout(this.#timer);
		this.#router.write(traceQuery, this.#unwritten, how);
		this.#unwritten = {};
	}
}
