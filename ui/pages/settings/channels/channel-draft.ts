/** What the form of a channel holds: the document as text fields, and back. */
import { API_VERSION, CHANNEL_TYPES, NAME_EXPECTED, NAME_PATTERN } from '../../../../schema/alert.ts';
import type { ChannelType } from '../../../../schema/alert.ts';
import type { DocumentOf } from '../../../../schema/desired-state.ts';

export type ChannelDocument = DocumentOf<'Channel'>;

export const TYPE_NAMES: Record<ChannelType, string> = {
	slack: 'Slack',
	webhook: 'Webhook',
	email: 'E-mail',
	pagerduty: 'PagerDuty',
	teams: 'Microsoft Teams',
	alertmanager: 'Alertmanager',
	browser: 'Open screens',
};
export { CHANNEL_TYPES };

type Field = 'url' | 'secret' | 'smtp' | 'from' | 'to';

/** Fields of a type, with what belongs into each. */
export const FIELDS_OF: Record<
	ChannelType,
	readonly { field: Field; label: string; hint: string; isNeeded: boolean }[]
> = {
	slack: [{ field: 'url', label: 'Webhook address', hint: '${env:SLACK_URL}', isNeeded: true }],
	teams: [{ field: 'url', label: 'Webhook address', hint: '${env:TEAMS_URL}', isNeeded: true }],
	alertmanager: [{ field: 'url', label: 'Address', hint: 'https://alertmanager.example', isNeeded: true }],
	webhook: [
		{ field: 'url', label: 'Address', hint: 'https://example.com/hook', isNeeded: true },
		{ field: 'secret', label: 'Secret', hint: '${env:HOOK_SECRET}, signs what is sent', isNeeded: false },
	],
	pagerduty: [{ field: 'secret', label: 'Routing key', hint: '${env:PAGERDUTY_KEY}', isNeeded: true }],
	email: [
		{ field: 'smtp', label: 'Server', hint: '${env:SMTP_URL}', isNeeded: true },
		{ field: 'from', label: 'From', hint: 'spanhouse@example.com', isNeeded: true },
		{ field: 'to', label: 'To', hint: 'addresses, parted by commas', isNeeded: true },
	],
	browser: [],
};

export interface ChannelDraft extends Record<Field, string> {
	name: string;
	type: ChannelType;
	sendResolved: boolean;
	/** What the form has no field for stays as it was. */
	kept: Pick<ChannelDocument['metadata'], 'labels' | 'annotations'>;
}

export const newChannel = (): ChannelDraft => ({
	name: '',
	type: 'slack',
	url: '',
	secret: '',
	smtp: '',
	from: '',
	to: '',
	sendResolved: true,
	kept: { labels: {}, annotations: {} },
});

export const listOf = (text: string): string[] =>
	text
		.split(',')
		.map((part) => part.trim())
		.filter((part) => part !== '');

/** Only the fields of its type, and of those the ones that say something. */
export function documentOfChannel(draft: ChannelDraft): ChannelDocument {
	const said = FIELDS_OF[draft.type].filter(({ field }) => draft[field].trim() !== '');
	const fields = said.map(({ field }) => [field, field === 'to' ? listOf(draft.to) : draft[field].trim()]);
	return {
		apiVersion: API_VERSION,
		kind: 'Channel',
		metadata: { name: draft.name.trim(), ...draft.kept },
		spec: { type: draft.type, ...Object.fromEntries(fields), sendResolved: draft.sendResolved },
	};
}

export const channelDraftOf = ({ metadata, spec }: ChannelDocument): ChannelDraft => ({
	...newChannel(),
	name: metadata.name,
	type: spec.type,
	url: spec.url ?? '',
	secret: spec.secret ?? '',
	smtp: spec.smtp ?? '',
	from: spec.from ?? '',
	to: (spec.to ?? []).join(', '),
	sendResolved: spec.sendResolved,
	kept: { labels: metadata.labels, annotations: metadata.annotations },
});

/** What is wrong, by path in the document. */
export function channelProblems({ metadata, spec }: ChannelDocument): Map<string, string> {
	const problems = new Map<string, string>();
	for (const { field, isNeeded } of FIELDS_OF[spec.type]) {
		if (isNeeded && (spec[field] ?? '').length === 0) problems.set(`spec.${field}`, 'is needed');
	}
	if (!NAME_PATTERN.test(metadata.name)) problems.set('metadata.name', NAME_EXPECTED);
	return problems;
}

/** Labels to match as they are typed. */
export const matchText = (match: Readonly<Record<string, string>>): string =>
	Object.entries(match)
		.map(([name, value]) => `${name}=${value}`)
		.join(', ');

/** `alert=checkout-is-slow, severity=page` as labels to match; undefined when it says none. */
export function matchOf(text: string): Record<string, string> | undefined {
	const pairs = listOf(text).map((part) => part.split(/=(.*)/s));
	if (pairs.length === 0 || pairs.some(([name, value]) => (name ?? '').trim() === '' || value === undefined))
		return undefined;
	return Object.fromEntries(pairs.map(([name = '', value = '']) => [name.trim(), value.trim()]));
}
