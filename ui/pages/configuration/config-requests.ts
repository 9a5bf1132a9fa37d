import type { QueryClient } from '@tanstack/svelte-query';
import type { AuditAnswer, ConfigAnswer, DocumentAnswer, HistoryAnswer } from '../../../schema/api-config.ts';
import { problemOf } from '../../lib/api.ts';
import type { AppParts } from '../../lib/app.ts';
import { polledRead, refreshAlerting } from '../alerts/alert-requests.ts';

export const configRead = (app: AppParts) => polledRead<ConfigAnswer>(app, '/config');

const pathOf = (id: string): string => {
	const [kind = '', ...name] = id.split('/');
	return `/config/${encodeURIComponent(kind)}/${encodeURIComponent(name.join('/'))}`;
};
export const documentRead = (app: AppParts, id: string) => polledRead<DocumentAnswer>(app, pathOf(id));
export const historyRead = (app: AppParts, id: string) => polledRead<HistoryAnswer>(app, `${pathOf(id)}/history`);

export const auditRead = (app: AppParts, source: string) =>
	polledRead<AuditAnswer>(app, `/config/sources/${encodeURIComponent(source)}/audit`);

type Decision =
	| { how: 'sync' }
	| { how: 'confirm'; revision: string }
	| { how: 'pause'; untilMs: number; reason: string }
	| { how: 'resume' };

/** Tells a source something; what went wrong is told, too. */
export async function decide(app: AppParts, client: QueryClient, source: string, decision: Decision): Promise<boolean> {
	const path = `/config/sources/${encodeURIComponent(source)}`;
	let isDone = false;
	try {
		if (decision.how === 'sync') await app.api.request(`${path}/sync`, { method: 'POST' });
		else if (decision.how === 'resume') await app.api.request(`${path}/pause`, { method: 'DELETE' });
		else if (decision.how === 'confirm') {
			await app.api.request(`${path}/confirm`, { method: 'POST', json: { revision: decision.revision } });
		} else {
			const { untilMs, reason } = decision;
			await app.api.request(`${path}/pause`, { method: 'PUT', json: { untilMs, reason } });
		}
		isDone = true;
	} catch (error) {
		app.toasts.add(problemOf(error).detail);
	}
	await refreshAlerting(client);
	return isDone;
}

/** Lets the source decide again before the time that was said. */
export async function endOverride(app: AppParts, client: QueryClient, id: string): Promise<void> {
	try {
		await app.api.request(`${pathOf(id)}/override`, { method: 'DELETE' });
		app.toasts.add('The source decides again');
	} catch (error) {
		app.toasts.add(problemOf(error).detail);
	}
	await refreshAlerting(client);
}
