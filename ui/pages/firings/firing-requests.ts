import type { QueryClient } from '@tanstack/svelte-query';
import type { FiringDetail } from '../../../schema/api-alerts.ts';
import { problemOf } from '../../lib/api.ts';
import type { AppParts } from '../../lib/app.ts';
import { copyText } from '../../lib/clipboard.ts';
import { polledRead, refreshAlerting } from '../alerts/alert-requests.ts';

const pathOf = (firingId: string): string => `/firings/${encodeURIComponent(firingId)}`;

export const firingRead = (app: AppParts, firingId: string) => polledRead<FiringDetail>(app, pathOf(firingId));

/** Acknowledges a firing, or adds a note to it; false when that failed, which is told. */
export async function noteFiring(
	app: AppParts,
	client: QueryClient,
	firingId: string,
	how: 'ack' | 'notes',
	text: string,
): Promise<boolean> {
	let isDone = false;
	try {
		await app.api.request(`${pathOf(firingId)}/${how}`, { method: 'POST', json: { text } });
		isDone = true;
	} catch (error) {
		app.toasts.add(problemOf(error).detail);
	}
	await refreshAlerting(client);
	return isDone;
}

export async function copyPostMortem({ api, toasts }: AppParts, firingId: string): Promise<void> {
	try {
		const { markdown } = await api.get<{ markdown: string }>(`${pathOf(firingId)}/post-mortem`, {});
		const isCopied = await copyText(markdown);
		toasts.add(isCopied ? 'Draft of a post-mortem copied, as Markdown' : 'The browser did not allow copying');
	} catch (error) {
		toasts.add(problemOf(error).detail);
	}
}
