import { headline } from './message.ts';
import type { AlertMessage, Message } from './message.ts';

/** Slack refuses more blocks, and longer texts (https://docs.slack.dev/reference/block-kit/blocks). */
const mostAlerts = 10;
const longestText = 2_900;
const longestHeader = 150;
const longestUrl = 900;

interface SlackText {
	type: 'plain_text' | 'mrkdwn';
	text: string;
}

/** What has a meaning for Slack in its own markup; with it, `<!channel>` and links can't be smuggled in. */
const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const plain = (text: string, longest: number): SlackText => ({ type: 'plain_text', text: cut(text, longest) });
const cut = (text: string, longest: number): string =>
	text.length > longest ? `${text.slice(0, longest - 1).toWellFormed()}…` : text;

/** For an incoming webhook: blocks, and a text for notifications and for readers that show no blocks. */
export function slackBody(message: Message): object {
	const listed = message.alerts.slice(0, mostAlerts);
	const more = message.omitted + message.alerts.length - listed.length;
	return {
		text: cut(escape(headline(message)), longestText),
		blocks: [
			{ type: 'header', text: plain(headline(message), longestHeader) },
			...listed.flatMap((alert) => alertBlocks(alert, listed.length > 1)),
			...(more === 0 ? [] : [{ type: 'context', elements: [plain(`and ${more} more`, 100)] }]),
		],
	};
}

function alertBlocks({ title, summary, facts, links, transition }: AlertMessage, isOneOfMany: boolean): object[] {
	const heading = isOneOfMany ? `${transition.state}: ${title}` : '';
	const opening = [heading, summary].filter((text) => text !== '').join('\n');
	const section = {
		type: 'section',
		fields: facts.slice(0, 10).map(({ name, text }) => plain(`${name}\n${text}`, 1_900)),
	};
	const linkText = links
		.filter(({ url }) => slackUrl(url).length <= longestUrl)
		.map(({ name, url }) => `<${slackUrl(url)}|${escape(name)}>`)
		.join('  ·  ');
	return [
		...(opening === '' ? [] : [{ type: 'section', text: plain(opening, longestText) }]),
		section,
		{ type: 'context', elements: [{ type: 'mrkdwn', text: linkText }] },
	];
}

/** A URL ends at `|` and `>` for Slack. */
const slackUrl = (url: string): string =>
	escape(url.replaceAll('|', '%7C').replaceAll('>', '%3E').replaceAll('<', '%3C'));
