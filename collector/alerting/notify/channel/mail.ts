import { createHash } from 'node:crypto';
import type { Mail } from '../../../outbound/smtp-client.ts';
import { headline } from './message.ts';
import type { AlertMessage, Message } from './message.ts';
import { oneLine } from './plain-text.ts';

const longestSubject = 200;

/** Plain text, and the same as simple HTML without pictures, styles or anything that is fetched. */
export function mailOf(message: Message, from: string, to: readonly string[]): Mail {
	const { alerts, omitted } = message;
	const heading = headline(message);
	const more = omitted === 0 ? '' : `and ${omitted} more`;
	return {
		from: oneLine(from, 320),
		to: to.map((address) => oneLine(address, 320)),
		subject: oneLine(heading, longestSubject),
		text: [...alerts.map(alertText), more].filter((part) => part !== '').join('\n\n'),
		html: `<!doctype html>\n<html lang="en"><body>\n<h1>${escape(heading)}</h1>\n${alerts.map(alertHtml).join('\n')}\n<p>${escape(more)}</p>\n</body></html>\n`,
		// The same for one that is sent again: mail has no other way to tell.
		messageId: `${createHash('sha256').update(message.key).digest('hex').slice(0, 32)}@spanhouse`,
	};
}

const alertText = ({ transition, title, summary, facts, links }: AlertMessage): string =>
	[
		`${transition.state}: ${title}`,
		summary,
		...facts.map(({ name, text }) => `  ${name}: ${text}`),
		...links.map(({ name, url }) => `  ${name}: ${url}`),
	]
		.filter((line) => line !== '')
		.join('\n');

const alertHtml = ({ transition, title, summary, facts, links }: AlertMessage): string =>
	[
		`<h2>${escape(`${transition.state}: ${title}`)}</h2>`,
		summary === '' ? '' : `<p>${escape(summary)}</p>`,
		`<table>${facts.map(({ name, text }) => `<tr><th align="left">${escape(name)}</th><td>${escape(text)}</td></tr>`).join('')}</table>`,
		`<p>${links.map(({ name, url }) => `<a href="${escape(url)}">${escape(name)}</a>`).join(' · ')}</p>`,
	]
		.filter((line) => line !== '')
		.join('\n');

const entities: Readonly<Record<string, string>> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	"'": '&#39;',
};
const escape = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
