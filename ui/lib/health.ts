export type Health = 'ok' | 'warning' | 'failing' | 'none';

export const HEALTH_WORDS: Readonly<Record<Health, string>> = {
	ok: 'Less than 1 % errors',
	warning: '1 % errors or more',
	failing: '5 % errors or more',
	none: 'No requests',
};

/** From the share of failed requests; nothing is said where there were none. */
export function healthOf(requests: number, errors: number): Health {
	if (requests === 0) return 'none';
	const ratio = errors / requests;
	if (ratio >= 0.05) return 'failing';
	return ratio >= 0.01 ? 'warning' : 'ok';
}
