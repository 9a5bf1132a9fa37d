/** What the editor of a rule holds: the document as text fields, and back. */
import { unitOf } from '../../../collector/alerting/evaluate/unit-of.ts';
import { API_VERSION } from '../../../schema/alert.ts';
import type { NoDataChoice, Severity } from '../../../schema/alert.ts';
import type { Unit } from '../../../schema/api-alerts.ts';
import type { AlertSpec, ConditionDocument, DocumentOf } from '../../../schema/desired-state.ts';

export type AlertDocument = DocumentOf<'Alert'>;
export type Way = 'above' | 'below' | 'changedBy';

export interface ConditionDraft {
	severity: Severity;
	way: Way;
	bound: string;
	/** Empty: at the threshold itself. */
	recover: string;
	/** Of `changedBy`. */
	against: string;
	hold: string;
}

export interface RuleDraft {
	name: string;
	query: string;
	spans: AlertSpec['spans'];
	measure: string;
	window: string;
	every: string;
	/** Parted by commas. */
	groupBy: string;
	conditions: ConditionDraft[];
	minRequests: string;
	noData: NoDataChoice;
	enabled: boolean;
	/** Channels, parted by commas. */
	notify: string;
	summary: string;
	runbook: string;
	/** What the editor has no field for stays as it was. */
	kept: Pick<AlertSpec, 'overrides'> & Pick<AlertDocument['metadata'], 'labels' | 'annotations'>;
}

/** What a rule begins with: a usual threshold of its measure. */
const FIRST_BOUND: Record<Unit, string> = {
	nanoseconds: '800ms',
	percent: '5%',
	perSecond: '10',
	count: '100',
	ratio: '0.9',
};

export const firstBound = (measure: string): string => FIRST_BOUND[unitOf(measure)];

export function newCondition(measure: string, facts: Partial<ConditionDraft> = {}): ConditionDraft {
	return {
		severity: 'page',
		way: 'above',
		bound: firstBound(measure),
		recover: '',
		against: '1w',
		hold: '5m',
		...facts,
	};
}

export function newDraft(facts: Partial<RuleDraft> = {}): RuleDraft {
	const measure = facts.measure ?? 'p95';
	return {
		name: '',
		query: '',
		spans: 'entry',
		measure,
		window: '5m',
		every: '1m',
		groupBy: '',
		conditions: [newCondition(measure)],
		minRequests: '20',
		noData: 'keep',
		enabled: true,
		notify: '',
		summary: '',
		runbook: '',
		kept: { overrides: [], labels: {}, annotations: {} },
		...facts,
	};
}

const UNIT_WORDS: readonly [RegExp, string][] = [
	[/(?<=\d)\s*µs/g, 'us'],
	[/(?<=\d)\s*msec\b/g, 'ms'],
	[/(?<=\d)\s*(seconds?|secs?)\b/g, 's'],
	[/(?<=\d)\s*(minutes?|mins?)\b/g, 'm'],
	[/(?<=\d)\s*(hours?|hrs?)\b/g, 'h'],
	[/(?<=\d)\s*days?\b/g, 'd'],
	[/(?<=\d)\s*weeks?\b/g, 'w'],
];

/** What somebody types as a document writes it: `5 min` as `5m`, `800 ms` as `800ms`; `5 of 6` stays. */
export function writtenText(typed: string): string {
	let text = typed.trim().replaceAll(/\s+/g, ' ');
	if (/^\d+ ?of ?\d+$/.test(text)) return text.replace(/ ?of ?/, ' of ');
	for (const [words, unit] of UNIT_WORDS) text = text.replaceAll(words, unit);
	return text.replaceAll(' ', '');
}

/** A threshold as a document writes it: a bare number of errors is taken as percent, of counts as a number. */
export function writtenBound(typed: string, measure: string): string | number {
	const text = writtenText(typed);
	const isBare = /^[+-]?\d+(\.\d+)?$/.test(text);
	const unit = unitOf(measure);
	if (!isBare || unit === 'nanoseconds') return text;
	return unit === 'percent' ? `${text}%` : Number(text);
}

const listOf = (text: string): string[] =>
	[...new Set(text.split(',').map((part) => part.trim()))].filter((part) => part !== '');

function conditionOf(draft: ConditionDraft, measure: string): ConditionDocument {
	const hold = draft.hold.trim() === '' ? '1 of 1' : writtenText(draft.hold);
	const common = { severity: draft.severity, for: hold };
	if (draft.way === 'changedBy') {
		const changedBy = writtenBound(draft.bound, 'errorPercent');
		return { ...common, changedBy: String(changedBy), against: writtenText(draft.against) };
	}
	const bound = writtenBound(draft.bound, measure);
	const recover = draft.recover.trim() === '' ? undefined : writtenBound(draft.recover, measure);
	if (draft.way === 'above')
		return { ...common, above: bound, ...(recover === undefined ? {} : { recoverBelow: recover }) };
	return { ...common, below: bound, ...(recover === undefined ? {} : { recoverAbove: recover }) };
}

function conditionDraft(condition: ConditionDocument): ConditionDraft {
	const way: Way = condition.above !== undefined ? 'above' : condition.below !== undefined ? 'below' : 'changedBy';
	return {
		severity: condition.severity,
		way,
		bound: String(condition[way] ?? ''),
		recover: String(condition.recoverBelow ?? condition.recoverAbove ?? ''),
		against: condition.against ?? '1w',
		hold: condition.for,
	};
}

/** The document that the fields say; whether it is right is for `problemsOf` and the server. */
export function documentOfDraft(draft: RuleDraft): AlertDocument {
	const { summary, runbook, kept } = draft;
	const annotations = { ...kept.annotations, summary: summary.trim(), runbook: runbook.trim() };
	return {
		apiVersion: API_VERSION,
		kind: 'Alert',
		metadata: {
			name: draft.name.trim(),
			labels: kept.labels,
			annotations: Object.fromEntries(Object.entries(annotations).filter(([, text]) => text !== '')),
		},
		spec: {
			query: draft.query.trim(),
			spans: draft.spans,
			measure: draft.measure,
			window: writtenText(draft.window),
			every: writtenText(draft.every),
			groupBy: listOf(draft.groupBy),
			conditions: draft.conditions.map((condition) => conditionOf(condition, draft.measure)),
			overrides: kept.overrides,
			minRequests: /^\d+$/.test(draft.minRequests.trim()) ? Number(draft.minRequests) : 0,
			noData: draft.noData,
			enabled: draft.enabled,
			notify: listOf(draft.notify),
		},
	};
}

export function draftOfDocument({ metadata, spec }: AlertDocument): RuleDraft {
	const { summary = '', runbook = '', ...annotations } = metadata.annotations;
	return {
		name: metadata.name,
		query: spec.query,
		spans: spec.spans,
		measure: spec.measure,
		window: spec.window,
		every: spec.every,
		groupBy: spec.groupBy.join(', '),
		conditions: spec.conditions.map(conditionDraft),
		minRequests: String(spec.minRequests),
		noData: spec.noData,
		enabled: spec.enabled,
		notify: spec.notify.join(', '),
		summary,
		runbook,
		kept: { overrides: spec.overrides, labels: metadata.labels, annotations },
	};
}

/** A name for a rule that has none yet: `checkout-p95`, from what it looks at. */
export function nameFor(query: string, measure: string): string {
	const found = /(?:^|\s)service:"?([\w./-]+)/.exec(query)?.[1] ?? 'all';
	const operation = /(?:^|\s)operation:(?:"([^"]+)"|(\S+))/.exec(query);
	const words = [found.split('/').at(-1), operation?.[1] ?? operation?.[2], measure.replace(/\(.*/, '')];
	return words
		.filter((word) => word !== undefined)
		.join('-')
		.replaceAll(/([a-z])([A-Z])/g, '$1-$2')
		.toLowerCase()
		.replaceAll(/[^a-z0-9.]+/g, '-')
		.replaceAll(/^[-.]+|[-.]+$/g, '')
		.slice(0, 200);
}
