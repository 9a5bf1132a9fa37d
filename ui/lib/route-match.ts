import type { Component } from 'svelte';
import type { QuerySpec } from './query-state.ts';

/** One screen: `/services/:name`, what its URL may say, and its code, loaded when first opened. */
export interface Route {
	pattern: string;
	query: QuerySpec;
	load: () => Promise<{ default: Component }>;
}

export interface Match<Found extends { pattern: string }> {
	route: Found;
	/** Decoded values of the `:parts`. */
	parameters: ReadonlyMap<string, string>;
}

/** The first route whose pattern fits the path; undefined when none does, or when the path is badly encoded. */
export function matchRoute<Found extends { pattern: string }>(
	routes: readonly Found[],
	path: string,
): Match<Found> | undefined {
	const parts = splitPath(path);
	for (const route of routes) {
		const parameters = matchParts(splitPath(route.pattern), parts);
		if (parameters !== undefined) return { route, parameters };
	}
	return undefined;
}

const splitPath = (path: string): string[] => path.replace(/\/+$/, '').split('/').slice(1);

function matchParts(pattern: string[], parts: string[]): Map<string, string> | undefined {
	if (pattern.length !== parts.length) return undefined;
	const parameters = new Map<string, string>();
	for (const [i, expected] of pattern.entries()) {
		const part = decodePart(parts[i] ?? '');
		if (part === undefined || part === '') return undefined;
		if (expected.startsWith(':')) parameters.set(expected.slice(1), part);
		else if (expected !== part) return undefined;
	}
	return parameters;
}

function decodePart(part: string): string | undefined {
	try {
		return decodeURIComponent(part);
	} catch {
		return undefined;
	}
}
