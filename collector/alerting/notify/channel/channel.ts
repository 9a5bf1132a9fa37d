import type { DocumentOf } from '../../../../schema/desired-state.ts';

export type ChannelSpec = DocumentOf<'Channel'>['spec'];

/** What the type needs and the document lacks; null when it is complete. */
export function channelProblem({ type, url, secret, to, from, smtp }: ChannelSpec): string | null {
	const lacking = (name: string, value: unknown) => (value === undefined || value === '' ? [name] : []);
	const needed = {
		slack: lacking('url', url),
		teams: lacking('url', url),
		webhook: lacking('url', url),
		alertmanager: lacking('url', url),
		pagerduty: lacking('secret (the routing key)', secret),
		email: [...lacking('smtp', smtp), ...lacking('from', from), ...(to === undefined || to.length === 0 ? ['to'] : [])],
		browser: [],
	}[type];
	return needed.length === 0 ? null : `a channel of type ${type} needs ${needed.join(' and ')}`;
}

/** Each alert is an event of its own there. */
export const isPerAlert = ({ type }: ChannelSpec): boolean => type === 'pagerduty';
