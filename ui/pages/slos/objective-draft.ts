/** What the form of an objective holds: the document as text fields, and back. */
import { durationMs } from '../../../collector/alerting/evaluate/quantity.ts';
import { objectiveOf } from '../../../collector/alerting/objectives/objective.ts';
import { API_VERSION, NAME_EXPECTED, NAME_PATTERN } from '../../../schema/alert.ts';
import type { DocumentOf, ObjectiveSpec } from '../../../schema/desired-state.ts';
import { parseQuery } from '../../../schema/query-language.ts';
import type { Router } from '../../lib/router.svelte.ts';
import { nameFor, writtenText } from '../alerts/rule-draft.ts';
import { burnRateDraftOf, burnRateOfDraft } from './burn-rate-draft.ts';
import type { BurnRateDraft } from './burn-rate-draft.ts';

export type ObjectiveDocument = DocumentOf<'SLO'>;

export interface ObjectiveDraft {
	name: string;
	total: string;
	good: string;
	spans: ObjectiveSpec['spans'];
	target: string;
	window: string;
	rolling: boolean;
	/** Length of slices of time that are counted in place of events; empty: events are. */
	slice: string;
	/** Percent of its events that make a slice good; empty: it counts by their share. */
	sliceTarget: string;
	/** Channels, parted by commas. */
	notify: string;
	/** Undefined: those that follow from the window. */
	burnRates: BurnRateDraft[] | undefined;
	/** What the form has no field for stays as it was. */
	kept: Pick<ObjectiveSpec, 'minBadEvents'> &
		Pick<ObjectiveDocument['metadata'], 'labels' | 'annotations'> & { timeZone: string };
}

export const newObjective = (facts: Partial<ObjectiveDraft> = {}): ObjectiveDraft => ({
	name: '',
	total: '',
	good: 'duration<1s -error:true',
	spans: 'entry',
	target: '99',
	window: '30d',
	rolling: true,
	slice: '',
	sliceTarget: '',
	notify: '',
	burnRates: undefined,
	kept: { minBadEvents: 10, labels: {}, annotations: {}, timeZone: 'UTC' },
	...facts,
});

export function documentOfObjective(draft: ObjectiveDraft): ObjectiveDocument {
	const { labels, annotations, timeZone, ...rest } = draft.kept;
	return {
		apiVersion: API_VERSION,
		kind: 'SLO',
		metadata: { name: draft.name.trim(), labels, annotations },
		spec: {
			total: draft.total.trim(),
			good: draft.good.trim(),
			spans: draft.spans,
			targetPercent: targetOf(draft.target),
			window: { duration: writtenText(draft.window), rolling: draft.rolling, timeZone },
			...sliceOf(draft),
			...rest,
			...(draft.burnRates === undefined
				? {}
				: { burnRates: draft.burnRates.map((rate) => burnRateOfDraft(rate, draft.window)) }),
			notify: draft.notify
				.split(',')
				.map((name) => name.trim())
				.filter((name) => name !== ''),
		},
	};
}

function sliceOf({ slice, sliceTarget }: ObjectiveDraft): Pick<ObjectiveSpec, 'timeSlice'> {
	if (slice.trim() === '') return {};
	const target = sliceTarget.trim() === '' ? {} : { targetPercent: targetOf(sliceTarget) };
	return { timeSlice: { window: writtenText(slice), ...target } };
}

export function objectiveDraftOf({ metadata, spec }: ObjectiveDocument): ObjectiveDraft {
	const { minBadEvents, timeSlice, burnRates } = spec;
	return {
		name: metadata.name,
		total: spec.total,
		good: spec.good,
		spans: spec.spans,
		target: String(spec.targetPercent),
		window: spec.window.duration,
		rolling: spec.window.rolling,
		slice: timeSlice?.window ?? '',
		sliceTarget: timeSlice?.targetPercent === undefined ? '' : String(timeSlice.targetPercent),
		notify: spec.notify.join(', '),
		burnRates: burnRates?.map(burnRateDraftOf),
		kept: {
			minBadEvents,
			labels: metadata.labels,
			annotations: metadata.annotations,
			timeZone: spec.window.timeZone,
		},
	};
}

const MINUTE_MS = 60_000;

/** `99.5 %` as 99.5; NaN for what is none. */
const targetOf = (text: string): number => Number(text.replace('%', '').trim() || Number.NaN);

/** What is wrong, by path in the document. */
export function objectiveProblems(document: ObjectiveDocument): Map<string, string> {
	const { metadata, spec } = document;
	const problems = new Map<string, string>();
	const isNamed = NAME_PATTERN.test(metadata.name);
	if (!isNamed) problems.set('metadata.name', NAME_EXPECTED);
	for (const field of ['total', 'good'] as const) {
		const read = parseQuery(spec[field]);
		if (read.kind === 'error') problems.set(`spec.${field}`, read.message);
	}
	if (spec.good === '') problems.set('spec.good', 'expected what makes an event good');
	if (!(spec.targetPercent > 0 && spec.targetPercent < 100)) {
		problems.set('spec.targetPercent', 'expected a percentage between 0 and 100, such as 99.5');
	}
	const ms = durationMs(spec.window.duration);
	if (ms === undefined || ms <= 0) problems.set('spec.window.duration', 'expected a duration, such as 30d');
	checkSlice(spec.timeSlice, problems);
	checkBurnRates(document, problems);
	return problems;
}

function checkSlice(slice: ObjectiveSpec['timeSlice'], problems: Map<string, string>): void {
	if (slice === undefined) return;
	const { window, targetPercent } = slice;
	const ms = durationMs(window) ?? 0;
	if (ms <= 0 || ms % MINUTE_MS !== 0) problems.set('spec.timeSlice.window', 'expected whole minutes, such as 5m');
	if (targetPercent !== undefined && !(targetPercent > 0 && targetPercent <= 100))
		problems.set('spec.timeSlice.targetPercent', 'expected a percentage, such as 95');
}

function checkBurnRates(document: ObjectiveDocument, problems: Map<string, string>): void {
	for (const [index, { rate }] of (document.spec.burnRates ?? []).entries()) {
		if (!(rate > 0))
			problems.set(`spec.burnRates.${index}.rate`, 'expected a number such as 14.4, or a share such as 2 %');
	}
	const read = objectiveOf(document);
	if (read.kind === 'objective') return;
	for (const { path, message } of read.problems) if (path.startsWith('spec.burnRates.')) problems.set(path, message);
}

/** Address of the form, filled in from a document that the server proposes; undefined when that is none. */
export function newObjectiveHref(router: Router, document: unknown): string | undefined {
	const spec = (document as Partial<ObjectiveDocument> | null)?.spec;
	if (typeof spec !== 'object' || typeof spec.total !== 'string' || typeof spec.good !== 'string') return undefined;
	return router.href('/slos/new', {
		total: spec.total,
		good: spec.good,
		target: String(spec.targetPercent),
		window: spec.window?.duration,
		name: (document as ObjectiveDocument).metadata?.name,
	});
}

/** A name for an objective that has none yet. */
export const objectiveNameFor = (total: string, good: string): string =>
	nameFor(total, good.includes('duration') ? 'latency' : 'availability');
