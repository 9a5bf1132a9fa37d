/** What the screens of alerting ask of the server, in one place. */
import type { QueryClient } from '@tanstack/svelte-query';
import type {
	AlertAnswer,
	AlertsAnswer,
	BacktestAnswer,
	Declared,
	DeliveriesAnswer,
	DocumentsAnswer,
} from '../../../schema/api-alerts.ts';
import type { DocumentKind } from '../../../schema/alert.ts';
import type { WrittenDocument } from '../../../schema/desired-state.ts';
import { problemOf } from '../../lib/api.ts';
import type { QueryParameters } from '../../lib/api.ts';
import type { AppParts } from '../../lib/app.ts';

/** States change by themselves: they are looked at again this often. */
const POLL_MS = 15_000;
const MUTE_MS = 3_600_000;

/** A read that follows no time range, again every so often. */
export function polledRead<Answer>({ api }: AppParts, path: string, query: Record<string, string | undefined> = {}) {
	return {
		queryKey: [path, query] as const,
		queryFn: ({ signal }: { signal: AbortSignal }) => api.get<Answer>(path, query, signal),
		refetchInterval: POLL_MS,
	};
}

export const alertsRead = (app: AppParts) => polledRead<AlertsAnswer>(app, '/alerts');

/** Tries a document on the past. `key` names what the answer depends on. */
export function backtestRead({ api }: AppParts, document: WrittenDocument | undefined, key: string, past: string) {
	return {
		queryKey: ['/backtest', key, past] as const,
		queryFn: async ({ signal }: { signal: AbortSignal }): Promise<BacktestAnswer> => {
			const json = { document: named(document), from: `now-${past}`, to: 'now' };
			const response = await api.request('/backtest', { method: 'POST', json, signal });
			return (await response.json()) as BacktestAnswer;
		},
		staleTime: 60_000,
	};
}

/** A rule is tried before it has a name. */
const named = (document: WrittenDocument | undefined): WrittenDocument | undefined =>
	document === undefined || document.metadata.name !== ''
		? document
		: { ...document, metadata: { ...document.metadata, name: 'unnamed' } };

export const alertRead = (app: AppParts, name: string) =>
	polledRead<AlertAnswer>(app, `/alerts/${encodeURIComponent(name)}`);
export const documentsRead = (app: AppParts, kind: DocumentKind) =>
	polledRead<DocumentsAnswer>(app, '/config/documents', { kind });
export const channelsRead = (app: AppParts) => documentsRead(app, 'Channel');
/** Of one firing, or the newest of all. */
export const deliveriesRead = (app: AppParts, firingId: string | undefined) =>
	polledRead<DeliveriesAnswer>(app, '/deliveries', { firingId, limit: firingId === undefined ? '1000' : undefined });

const ALERTING = ['/alerts', '/firings', '/slos', '/config', '/silences', '/channels', '/deliveries'];

/** Everything that a change of rules, silences or firings may show in. */
export const refreshAlerting = (client: QueryClient): Promise<void> =>
	client.invalidateQueries({
		predicate: ({ queryKey: [path] }) => ALERTING.some((start) => String(path).startsWith(start)),
	});

/** Keeps quiet for an hour about what has these labels, and offers to undo that. */
export async function muteAlert(
	app: AppParts,
	client: QueryClient,
	match: Readonly<Record<string, string>>,
	what: string,
	forMs = MUTE_MS,
): Promise<void> {
	try {
		const response = await app.api.request('/silences', {
			method: 'POST',
			json: { match, forMs, reason: 'Muted on the screen' },
		});
		const silence = (await response.json()) as Declared;
		const hours = forMs / 3_600_000;
		app.toasts.add(`Muted for ${hours} h: ${what}`, {
			label: 'Undo',
			run: () => void removeDocument(app, client, silence),
		});
	} catch (error) {
		app.toasts.add(problemOf(error).detail);
	}
	await refreshAlerting(client);
}

const pathOf = (kind: DocumentKind, name: string) => `/config/${kind}/${encodeURIComponent(name)}`;

/** Only the version that was seen; false when that failed, which is told. */
export async function removeDocument(app: AppParts, client: QueryClient, declared: Declared): Promise<boolean> {
	const { kind, metadata } = declared.document;
	let isRemoved = false;
	try {
		await app.api.request(pathOf(kind, metadata.name), {
			method: 'DELETE',
			headers: { 'if-match': `"${declared.version}"` },
		});
		isRemoved = true;
	} catch (error) {
		const { status, detail } = problemOf(error);
		app.toasts.add(status === 412 ? `Somebody else changed ${metadata.name} just now.` : detail);
	}
	await refreshAlerting(client);
	return isRemoved;
}

/** The same, and offers to undo it. */
export async function removeWithUndo(app: AppParts, client: QueryClient, declared: Declared): Promise<boolean> {
	const { document } = declared;
	if (!(await removeDocument(app, client, declared))) return false;
	app.toasts.add(`Removed: ${document.metadata.name}`, {
		label: 'Undo',
		run: () => void saveDocument(app, document, undefined).then(() => refreshAlerting(client)),
	});
	return true;
}

/**
 * Saves a document over the version that was seen, or as a new one. Throws ApiError: 412 when somebody else was
 * faster, or when the name is taken.
 */
export async function saveDocument(
	{ api }: AppParts,
	document: WrittenDocument,
	version: number | undefined,
	query: QueryParameters = {},
): Promise<Declared> {
	const headers: Record<string, string> =
		version === undefined ? { 'if-none-match': '*' } : { 'if-match': `"${version}"` };
	const response = await api.request(pathOf(document.kind, document.metadata.name), {
		method: 'PUT',
		json: document,
		headers,
		query,
	});
	return (await response.json()) as Declared;
}
