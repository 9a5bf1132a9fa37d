import { headline } from './message.ts';
import type { AlertMessage, Message } from './message.ts';

/** A message may have 28 KB: https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors. */
const mostBytes = 27_000;
const mostAlerts = 5;
const longestText = 200;

/** Cards show a part of Markdown, links among it. */
const escape = (text: string): string => cut(text).replaceAll(/[\\`*_{}[\]()#+\-!|<>~]/g, String.raw`\$&`);
const cut = (text: string): string =>
	text.length > longestText ? `${text.slice(0, longestText - 1).toWellFormed()}…` : text;

const textBlock = (text: string, more: object = {}): object => ({
	type: 'TextBlock',
	text: escape(text),
	wrap: true,
	...more,
});

/** For the webhook of a Teams workflow: an adaptive card, with as many alerts as it may hold. */
export function teamsBody(message: Message): object {
	for (let count = mostAlerts; count > 1; count--) {
		const body = cardOf(message, count);
		if (Buffer.byteLength(JSON.stringify(body)) <= mostBytes) return body;
	}
	return cardOf(message, 1);
}

function cardOf(message: Message, most: number): object {
	const { alerts, omitted } = message;
	const listed = alerts.slice(0, most);
	const more = omitted + alerts.length - listed.length;
	const content = {
		$schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
		type: 'AdaptiveCard',
		version: '1.4',
		body: [
			heading(message),
			...listed.flatMap((alert) => alertElements(alert, listed.length > 1)),
			...(more === 0 ? [] : [textBlock(`and ${more} more`)]),
		],
		actions: (listed[0]?.links ?? []).map(({ name, url }) => ({ type: 'Action.OpenUrl', title: name, url })),
	};
	return {
		type: 'message',
		attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content }],
	};
}

function heading(message: Message): object {
	const { state, severity } = message;
	const color = state === 'resolved' ? 'Good' : severity === 'page' ? 'Attention' : 'Warning';
	return textBlock(headline(message), { size: 'Medium', weight: 'Bolder', color });
}

function alertElements({ title, summary, facts, transition }: AlertMessage, isOneOfMany: boolean): object[] {
	return [
		...(isOneOfMany ? [textBlock(`${transition.state}: ${title}`, { weight: 'Bolder' })] : []),
		...(summary === '' ? [] : [textBlock(summary)]),
		{ type: 'FactSet', facts: facts.map(({ name, text }) => ({ title: escape(name), value: escape(text) })) },
	];
}
