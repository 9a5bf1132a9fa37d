import { suggest } from './suggestions.ts';
import type { KeysAnswer } from '../../../schema/api-attributes.ts';
import type { AppParts } from '../../lib/app.ts';
import type { CompletionContext } from './completion-context.ts';
import type { Suggestion } from './suggestions.ts';

/** What the editor asks while somebody types. */
export interface QueryHelp {
	suggest: (context: CompletionContext, signal: AbortSignal) => Promise<Suggestion[]>;
	/** Earlier queries, newest first: offered while nothing is typed. */
	recent: () => readonly string[];
	remember: (query: string) => void;
	/** Keys that spans have, for doubts about others. */
	knownKeys: () => Promise<ReadonlySet<string> | undefined>;
}

const MOST_RECENT = 20;
const MOST_KEYS = 1_000;
const KEYS_KEPT_MS = 60_000;

export function createQueryHelp({ api, time, preferences, nowMs }: AppParts): QueryHelp {
	const window = () => ({ from: time.parameters.from, to: time.parameters.to });
	let keys: { of: string; atMs: number; known: Promise<ReadonlySet<string>> } | undefined;
	const readKeys = async (): Promise<ReadonlySet<string>> => {
		const answer = await api.get<KeysAnswer>('/attributes/keys', { ...window(), limit: MOST_KEYS });
		// Of more keys than are read, an unknown one may be there after all.
		return new Set(answer.keys.length < MOST_KEYS ? answer.keys.map(({ key }) => key) : []);
	};
	const recent = (): string[] => {
		try {
			const kept: unknown = JSON.parse(preferences.recall('queries') ?? '[]');
			return Array.isArray(kept) ? kept.filter((query) => typeof query === 'string').slice(0, MOST_RECENT) : [];
		} catch {
			return [];
		}
	};
	return {
		suggest: (context, signal) => suggest(api, window(), context, signal),
		recent,
		remember: (query) => {
			if (query === '') return;
			const kept = [query, ...recent().filter((other) => other !== query)].slice(0, MOST_RECENT);
			preferences.remember('queries', JSON.stringify(kept));
		},
		knownKeys: () => {
			const of = JSON.stringify(window());
			if (keys?.of !== of || nowMs() - keys.atMs > KEYS_KEPT_MS) {
				keys = { of, atMs: nowMs(), known: readKeys() };
				// A failure is not remembered.
				keys.known.catch(() => (keys = undefined));
			}
			return keys.known;
		},
	};
}
