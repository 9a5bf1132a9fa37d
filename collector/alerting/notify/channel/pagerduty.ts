import type { Message } from './message.ts';

/** PagerDuty's own, for services in the United States; those in Europe give theirs as the channel's `url`. */
export const PAGERDUTY_URL = 'https://events.pagerduty.com/v2/enqueue';

const severities = { page: 'critical', ticket: 'warning' } as const;
const longestSummary = 1_024;
const longestKey = 255;

/** Events API v2, one alert an event: https://developer.pagerduty.com/docs/send-alert-event. */
export function pagerDutyEvent({ alerts }: Message, routingKey: string): object {
	const [alert] = alerts;
	if (alert === undefined) throw new Error('there is no alert in it');
	const { transition, dedupKey, title, summary, facts, links } = alert;
	const { state, severity, services, startedMs, rule, group } = transition;
	return {
		routing_key: routingKey,
		event_action: state === 'firing' ? 'trigger' : 'resolve',
		// Its end tells groups apart.
		dedup_key: dedupKey.slice(-longestKey),
		payload: {
			summary: (summary === '' ? title : summary).slice(0, longestSummary).toWellFormed(),
			source: services[0] ?? rule,
			severity: severities[severity],
			timestamp: new Date(startedMs).toISOString(),
			component: services[0] ?? rule,
			group: Object.values(group).join(', '),
			class: transition.measure,
			custom_details: Object.fromEntries(facts.map(({ name, text }) => [name, text])),
		},
		client: 'Spanhouse',
		client_url: links[0]?.url,
		links: links.map(({ name, url }) => ({ href: url, text: name })),
	};
}
