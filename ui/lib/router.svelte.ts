import { matchRoute } from './route-match.ts';
import { readQuery, unreadable, writeQuery } from './query-state.ts';
import type { History } from './browser-history.ts';
import type { Match, Route } from './route-match.ts';
import type { QuerySpec, QueryValues } from './query-state.ts';

export interface RouterOptions {
	history: History;
	base: string;
	routes: readonly Route[];
	/** Parameters that every screen has and every link carries on: time, environment. */
	global: QuerySpec;
	/** Told which parameters of an address meant nothing and were taken out of it. */
	onDropped: (names: string[]) => void;
}

/** The address is the state: screens read it here and write it here. */
export class Router {
	readonly base: string;
	#url = $state.raw(new URL('http://localhost/'));
	readonly #options: RouterOptions;
	/** Path below the base, with a leading slash, still encoded. */
	readonly path = $derived.by(() => this.#below(this.#url.pathname));
	readonly match: Match<Route> | undefined = $derived.by(() => matchRoute(this.#options.routes, this.path));

	constructor(options: RouterOptions) {
		this.#options = options;
		this.base = options.base;
		this.#accept(options.history.read(), 'replace');
	}

	get url(): URL {
		return this.#url;
	}

	/** A decoded `:part` of the route, empty when it has no such part. */
	parameter(name: string): string {
		return this.match?.parameters.get(name) ?? '';
	}

	/** What the address says to a screen; every value valid. */
	read<Spec extends QuerySpec>(spec: Spec): QueryValues<Spec> {
		return readQuery(spec, this.#url.searchParams);
	}

	/** Writes into the address of this screen: `push` when the reader commits, `replace` while typing and dragging. */
	write<Spec extends QuerySpec>(
		spec: Spec,
		changes: Partial<QueryValues<Spec>>,
		how: 'push' | 'replace' = 'push',
	): void {
		const url = new URL(this.#url);
		url.search = writeQuery(spec, url.searchParams, changes).toString();
		if (url.href !== this.#url.href) this.#accept(url, how);
	}

	/** Link to a path below the base with its own parameters; the global ones are carried on unless given. */
	href(path: string, query: Readonly<Record<string, string | number | undefined>> = {}): string {
		const search = new URLSearchParams();
		for (const name of Object.keys(this.#options.global)) {
			const text = this.#url.searchParams.get(name);
			if (text !== null) search.set(name, text);
		}
		for (const [name, value] of Object.entries(query)) {
			if (value === undefined || value === '') search.delete(name);
			else search.set(name, String(value));
		}
		return `${this.base}${path.replace(/^\//, '')}${search.size === 0 ? '' : `?${search}`}`;
	}

	go(href: string, how: 'push' | 'replace' = 'push'): void {
		this.#accept(new URL(href, this.#url), how);
	}

	/** Follows Back, Forward and plain clicks on links below the base. The answer ends that. */
	listen(page: Document): () => void {
		const endPop = this.#options.history.onPop(() => this.#accept(this.#options.history.read(), 'replace'));
		const onClick = (event: MouseEvent) => this.#followLink(event);
		page.addEventListener('click', onClick);
		return () => {
			endPop();
			page.removeEventListener('click', onClick);
		};
	}

	#below(pathname: string): string {
		return pathname.startsWith(this.base) ? `/${pathname.slice(this.base.length)}` : pathname;
	}

	#accept(url: URL, how: 'push' | 'replace'): void {
		const spec = {
			...this.#options.global,
			...matchRoute(this.#options.routes, this.#below(url.pathname))?.route.query,
		};
		const dropped = unreadable(spec, url.searchParams);
		for (const name of dropped) url.searchParams.delete(name);
		if (dropped.length > 0 || how === 'push' || url.href !== this.#options.history.read().href) {
			this.#options.history[how](url);
		}
		this.#url = url;
		if (dropped.length > 0) this.#options.onDropped(dropped);
	}

	#followLink(event: MouseEvent): void {
		const href = plainLinkOf(event);
		if (href === undefined) return;
		const url = new URL(href);
		const isOurs = url.origin === this.#url.origin && url.pathname.startsWith(this.base);
		if (!isOurs || url.hash !== '') return;
		event.preventDefault();
		this.#accept(url, 'push');
	}
}

/** Where a click leads that the browser would follow in this tab. */
function plainLinkOf(event: MouseEvent): string | undefined {
	const hasModifier = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
	if (event.defaultPrevented || event.button !== 0 || hasModifier) return undefined;
	const link = event.target instanceof Element ? event.target.closest('a') : null;
	if (link === null || link.target !== '' || link.hasAttribute('download')) return undefined;
	return link.href === '' ? undefined : link.href;
}
