import type { AlertMessage, Message } from './message.ts';

/** For Alertmanager's `POST /api/v2/alerts`, which routes and deduplicates by itself. */
export const alertmanagerAlerts = ({ alerts, validUntilMs }: Message): object[] =>
	alerts.map((alert) => toAlert(alert, validUntilMs));

/** It takes an alert as ended when `endsAt` has passed: it is told again before. */
function toAlert({ transition, title, summary, facts, links }: AlertMessage, validUntilMs: number): object {
	const { rule, kind, severity, services, labels, group, annotations, startedMs, endedMs, project } = transition;
	return {
		labels: {
			...named(labels),
			...named(group),
			alertname: rule,
			kind,
			severity,
			project,
			...(services.length === 0 ? {} : { service: services.join(', ') }),
		},
		annotations: {
			...named(annotations),
			title,
			...(summary === '' ? {} : { summary }),
			description: [
				...facts.map(({ name, text }) => `${name}: ${text}`),
				...links.map(({ name, url }) => `${name}: ${url}`),
			].join('\n'),
		},
		startsAt: new Date(startedMs).toISOString(),
		endsAt: new Date(endedMs ?? validUntilMs).toISOString(),
		generatorURL: links[0]?.url ?? '',
	};
}

/** Names have letters, digits and `_` there; labels without a value are as if they weren't there. */
const named = (entries: Readonly<Record<string, string>>): Record<string, string> =>
	Object.fromEntries(
		Object.entries(entries)
			.filter(([, value]) => value !== '')
			.map(([name, value]) => [name.replaceAll(/\W/g, '_').replace(/^(?=\d)/, '_'), value]),
	);
