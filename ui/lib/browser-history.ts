/** Where the address is kept: the browser's bar, or memory in tests. */
export interface History {
	read(): URL;
	push(url: URL): void;
	replace(url: URL): void;
	/** Tells of Back and Forward; the answer ends that. */
	onPop(listener: () => void): () => void;
}

export const browserHistory: History = {
	read: () => new URL(location.href),
	push: (url) => history.pushState(null, '', url),
	replace: (url) => history.replaceState(null, '', url),
	onPop: (listener) => {
		addEventListener('popstate', listener);
		return () => removeEventListener('popstate', listener);
	},
};

/** The path that the product is served under, ending in a slash: told by the server, `/` where it says nothing. */
export function basePath(page: Document): string {
	const told = page.querySelector<HTMLMetaElement>('meta[name="spanhouse-base"]')?.content ?? '/';
	return `/${told.split('/').filter(Boolean).join('/')}/`.replace('//', '/');
}
