import type { ScreenNotification } from '../../schema/api-notify.ts';
import type { AppParts } from './app.ts';

/** Shows what fires and ends as notifications of the browser, each once, until the answer is called. */
export function showNotifications({ api, router, project }: Pick<AppParts, 'api' | 'router'> & { project: string }) {
	const stream = api.events('/notifications', {});
	stream.addEventListener('notification', (event) => {
		const told = JSON.parse((event as MessageEvent<string>).data) as ScreenNotification;
		const title = told.state === 'firing' ? told.title : `Over: ${told.title}`;
		// One firing is one notification: what comes later of it takes its place.
		const shown = new Notification(title, { body: told.summary, tag: told.firingId });
		shown.addEventListener('click', () => {
			globalThis.focus();
			router.go(router.href(`/firings/${encodeURIComponent(told.firingId)}`, { project }));
			shown.close();
		});
	});
	return () => stream.close();
}
