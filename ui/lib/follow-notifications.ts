import type { AppParts } from './app.ts';

/** Shows notifications where the settings ask for them, until the answer is called; the code for it is loaded then. */
export function followNotifications({ api, router, time, preferences }: AppParts): (() => void) | undefined {
	const isAllowed = 'Notification' in globalThis && Notification.permission === 'granted';
	if (!preferences.hasNotifications || !isAllowed) return undefined;
	let stop: (() => void) | undefined;
	let isOver = false;
	const { project } = time;
	void import('./notifications.ts').then(({ showNotifications }) => {
		if (!isOver) stop = showNotifications({ api, router, project });
	});
	return () => {
		isOver = true;
		stop?.();
	};
}
