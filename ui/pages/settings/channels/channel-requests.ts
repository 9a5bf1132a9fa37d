import type { QueryClient } from '@tanstack/svelte-query';
import type { ChannelsAnswer, SilencesAnswer } from '../../../../schema/api-notify.ts';
import { problemOf } from '../../../lib/api.ts';
import type { AppParts } from '../../../lib/app.ts';
import { polledRead, refreshAlerting } from '../../alerts/alert-requests.ts';

export const channelStatusRead = (app: AppParts) => polledRead<ChannelsAnswer>(app, '/channels');
export const silencesRead = (app: AppParts) => polledRead<SilencesAnswer>(app, '/silences');

interface TestResult {
	ok: boolean;
	status: number | null;
	error: string | null;
}

/** Sends a test there now. Says how it went by the status alone: what the target answered stays with the server. */
export async function sendTest(app: AppParts, name: string): Promise<string> {
	try {
		const response = await app.api.request(`/channels/${encodeURIComponent(name)}/test`, { method: 'POST' });
		const { ok, status, error } = (await response.json()) as TestResult;
		const words = [status, error].filter((part) => part !== null).join(' ');
		return ok ? `${name} took the test${words === '' ? '' : `: ${words}`}` : `${name} did not take the test: ${words}`;
	} catch (error) {
		return problemOf(error).detail;
	}
}

export async function testChannel(app: AppParts, client: QueryClient, name: string): Promise<void> {
	app.toasts.add(await sendTest(app, name));
	await refreshAlerting(client);
}

export async function endSilence(app: AppParts, client: QueryClient, name: string): Promise<void> {
	try {
		await app.api.request(`/silences/${encodeURIComponent(name)}`, { method: 'DELETE' });
		app.toasts.add('The silence has ended');
	} catch (error) {
		app.toasts.add(problemOf(error).detail);
	}
	await refreshAlerting(client);
}

/** Whether it was made; why not is told. */
export async function makeSilence(
	app: AppParts,
	client: QueryClient,
	silence: { match: Readonly<Record<string, string>>; forMs: number; reason: string },
): Promise<boolean> {
	let isMade = false;
	try {
		await app.api.request('/silences', { method: 'POST', json: silence });
		isMade = true;
	} catch (error) {
		app.toasts.add(problemOf(error).detail);
	}
	await refreshAlerting(client);
	return isMade;
}
