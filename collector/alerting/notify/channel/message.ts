import { DEFAULT_PROJECT } from '../../../../schema/project.ts';
import { writeQuantity } from '../../evaluate/write-quantity.ts';
import type { Transition } from '../../transition.ts';
import { alertKey } from '../alert-identity.ts';
import type { StoredDelivery } from '../outbox/delivery.ts';
import { fillPlaceholders } from './placeholders.ts';
import { oneLine } from './plain-text.ts';

/** What is told, without anything of the channel: texts are single lines, and nothing in them is escaped yet. */
export interface Message {
	/** `Idempotency-Key`. */
	key: string;
	/** Firing as long as one of its alerts does. */
	state: Transition['state'];
	/** The most urgent of its alerts. */
	severity: Transition['severity'];
	title: string;
	alerts: AlertMessage[];
	/** So many more are not listed. */
	omitted: number;
	isRepeat: boolean;
	group: Record<string, string>;
	createdMs: number;
	validUntilMs: number;
}

export interface AlertMessage {
	transition: Transition;
	isNew: boolean;
	/** Names rule and group: `dedup_key` of PagerDuty. */
	dedupKey: string;
	title: string;
	/** Of its annotations; '' without one. */
	summary: string;
	facts: Fact[];
	/** Its own page first. Nothing but http and https. */
	links: Link[];
}

interface Fact {
	name: string;
	text: string;
}

interface Link {
	name: string;
	url: string;
}

const longest = 500;

/** `publicUrl`: where people reach the screen, without a slash at the end. */
export function messageOf(delivery: StoredDelivery, publicUrl: string): Message {
	const { key, omitted, isRepeat, group, createdMs, validUntilMs } = delivery;
	const alerts = delivery.alerts.map(({ transition, isNew }) => alertMessage(transition, isNew, publicUrl));
	const isFiring = alerts.some(({ transition }) => transition.state === 'firing');
	const isPage = alerts.some(({ transition }) => transition.severity === 'page');
	return {
		key,
		state: isFiring ? 'firing' : 'resolved',
		severity: isPage ? 'page' : 'ticket',
		title: titleOf(alerts, omitted, group),
		alerts,
		omitted,
		isRepeat,
		group,
		createdMs,
		validUntilMs,
	};
}

/** `Firing (page): p95 of shop/checkout is 912 ms`. */
export const headline = ({ state, severity, title, isRepeat }: Message): string =>
	`${state === 'firing' ? `${isRepeat ? 'Still firing' : 'Firing'} (${severity})` : 'Resolved'}: ${title}`;

function titleOf(alerts: readonly AlertMessage[], omitted: number, group: Record<string, string>): string {
	const [first] = alerts;
	if (first !== undefined && alerts.length === 1 && omitted === 0) return first.title;
	const firing = alerts.filter(({ transition }) => transition.state === 'firing').length + omitted;
	const where = Object.values(group)
		.filter((value) => value !== '')
		.join(', ');
	const counts = [`${firing} firing`, `${alerts.length + omitted - firing} resolved`].filter(
		(count) => !count.startsWith('0 '),
	);
	return oneLine(`${counts.join(', ')}${where === '' ? '' : `: ${where}`}`, longest);
}

function alertMessage(transition: Transition, isNew: boolean, publicUrl: string): AlertMessage {
	const { summary } = transition.annotations;
	return {
		transition,
		isNew,
		dedupKey: alertKey(transition),
		title: oneLine(transition.title === '' ? transition.rule : transition.title, longest),
		summary: summary === undefined ? '' : oneLine(fillPlaceholders(summary, transition), longest),
		facts: factsOf(transition).map(([name, text]) => ({ name: oneLine(name, 255), text: oneLine(text, longest) })),
		links: linksOf(transition, publicUrl),
	};
}

const percent = (ratio: number): string => `${Number((100 * ratio).toPrecision(3))} %`;

function factsOf(transition: Transition): [name: string, text: string][] {
	const { state, severity, services, group, unit, evidence, reason, endedMs, budgetLeftRatio } = transition;
	const where = Object.entries(group).map(([name, value]): [string, string] => [name, value]);
	const facts: [string, string | null][] = [
		['Severity', severity],
		['Service', services.length === 0 ? null : services.join(', ')],
		...where.filter(([name]) => name !== 'service'),
		['Since', moment(transition.startedMs)],
		['Ended', endedMs === null ? null : `${moment(endedMs)}${reason === null ? '' : `, ${reason}`}`],
		[
			transition.measure,
			`${writeQuantity(transition.value, unit)}, threshold ${writeQuantity(transition.threshold, unit)}`,
		],
		['Budget left', budgetLeftRatio === null ? null : percent(budgetLeftRatio)],
		...(state === 'firing' && evidence !== null ? evidenceFacts(evidence) : []),
	];
	return facts.filter((fact): fact is [string, string] => fact[1] !== null);
}

function evidenceFacts(evidence: NonNullable<Transition['evidence']>): [string, string | null][] {
	const { difference, comparedWith, change } = evidence;
	const others = comparedWith === 'hourBefore' ? 'in the hour before' : 'of the others';
	return [
		['Requests', `${evidence.requests} of ${evidence.ofRequests}`],
		[
			'What is different',
			difference &&
				`${difference.key} = ${difference.value}: ${percent(difference.selectedRatio)} of these, ${percent(difference.restRatio)} ${others}`,
		],
		['Changed before', change && `${change.title} (${change.service}) at ${moment(change.tMs)}`],
	];
}

const moment = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

function linksOf(transition: Transition, publicUrl: string): Link[] {
	const { firingId, window, evidence, annotations, project } = transition;
	const inProject = project === DEFAULT_PROJECT ? '' : `&project=${project}`;
	const { fromMs, toMs } = window;
	const { runbook } = annotations;
	const violating = evidence?.violating ?? null;
	return [
		{ name: 'Open', url: `${publicUrl}/firings/${encodeURIComponent(firingId)}?from=${fromMs}&to=${toMs}${inProject}` },
		...(violating === null
			? []
			: [
					{
						name: 'A trace that shows it',
						url: `${publicUrl}/trace/${violating.traceId}?at=${violating.endMs}${inProject}`,
					},
				]),
		...(runbook === undefined ? [] : runbookLink(fillPlaceholders(runbook, transition))),
	];
}

function runbookLink(text: string): Link[] {
	const url = URL.parse(text.trim());
	const isLink = url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.href.length <= 2_000;
	return isLink ? [{ name: 'Runbook', url: url.href }] : [];
}
