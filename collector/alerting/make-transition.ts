import type { ResolveReason } from '../../schema/alert.ts';
import type { DocumentOf } from '../../schema/desired-state.ts';
import type { Change } from './evaluate/evaluate.ts';
import { measureInWords } from './evaluate/in-words.ts';
import { ruleGroup } from './evaluate/rule.ts';
import type { Condition, Group, Test } from './evaluate/rule.ts';
import { writeQuantity } from './evaluate/write-quantity.ts';
import { firingQuery, servicesOf, violating } from './firing-query.ts';
import type { Transition } from './transition.ts';
import type { Watched } from './watched.ts';

/** What is kept of a firing: enough to tell of its end, and to ask again, when its rule is another or gone. */
export interface FiredDocument {
	transition: Transition;
	groupKey: string;
	conditionKey: string;
	windowMs: number;
	everyMs: number;
	/** So long the condition held before it fired: windows that ended in that time violated, too. */
	heldMs: number;
	/** Of its values in the store. */
	question: string;
	/** Which of the spans violate, in the search language; null where it is their number. */
	violating: string | null;
}

/** Conditions of a rule at one moment are told apart. */
const conditionsOfRule = 8;

export function firedTransition(
	watched: Watched,
	change: Change,
	firingId: string,
	budgetLeft: (services: readonly string[]) => number | null,
): FiredDocument {
	const { project, kind, name, rule, declared, question } = watched;
	const { document } = declared;
	const { group, groupKey, conditionKey, severity, value, threshold, tMs } = change;
	const { conditions } = ruleGroup(rule, groupKey);
	const index = Math.max(
		0,
		conditions.findIndex(({ key }) => key === conditionKey),
	);
	const about = aboutOf(document, group);
	const unit = unitOfTest(conditions[index], watched);
	const test = conditions[index]?.test;
	const windowMs = test?.kind === 'burn' ? test.longMs : rule.windowMs;
	const transition: Transition = {
		firingId,
		project,
		rule: name,
		kind,
		severity,
		group,
		labels: document.metadata.labels,
		annotations: document.metadata.annotations,
		notify: document.spec.notify,
		state: 'firing',
		reason: null,
		sequence: tMs * conditionsOfRule + index,
		value,
		threshold,
		unit,
		measure: rule.measure,
		startedMs: tMs,
		endedMs: null,
		query: about.query,
		services: about.services,
		title: titleOf(watched, change, test, unit),
		evidence: null,
		budgetLeftRatio: budgetLeft(about.services),
		window: { fromMs: tMs - windowMs, toMs: tMs },
	};
	const { everyMs } = rule;
	return {
		transition,
		groupKey,
		conditionKey,
		windowMs,
		everyMs,
		heldMs: heldMs(conditions[index], everyMs),
		question,
		violating: violatingOf(watched, conditions[index]),
	};
}

function heldMs(condition: Condition | undefined, everyMs: number): number {
	if (condition === undefined) return 0;
	const { hold } = condition;
	return hold.kind === 'time' ? hold.ms : (hold.of - 1) * everyMs;
}

interface End {
	tMs: number;
	reason: ResolveReason;
	value: number | null;
}

export function resolvedTransition({ transition }: FiredDocument, { tMs, reason, value }: End): Transition {
	return {
		...transition,
		state: 'resolved',
		reason,
		sequence: tMs * conditionsOfRule + (transition.sequence % conditionsOfRule),
		value,
		endedMs: tMs,
		evidence: null,
		window: { fromMs: transition.window.fromMs, toMs: tMs },
	};
}

function aboutOf(
	document: DocumentOf<'Alert'> | DocumentOf<'SLO'>,
	group: Group,
): { query: string; services: string[] } {
	const query = document.kind === 'Alert' ? document.spec.query : document.spec.total;
	return { query: firingQuery(query, document.spec.spans, group), services: servicesOf(query, group) };
}

/** A change is in percent whatever it is a change of. */
const unitOfTest = (condition: Condition | undefined, { rule }: Watched): Transition['unit'] =>
	condition?.test.kind === 'change' ? 'percent' : rule.unit;

function violatingOf({ declared, rule }: Watched, condition: Condition | undefined): string | null {
	if (declared.document.kind === 'SLO') return `-(${declared.document.spec.good})`;
	if (condition === undefined) return null;
	return violating(rule.measure, condition.test) ?? null;
}

const words: Record<Test['kind'], string> = {
	above: 'above',
	below: 'below',
	change: 'changed by more than',
	burn: 'above',
};

function titleOf({ name, rule }: Watched, change: Change, test: Test | undefined, unit: Transition['unit']): string {
	const where = Object.entries(change.group)
		.map(([key, text]) => `${key} ${text === '' ? '(none)' : text}`)
		.join(', ');
	// "Requests a second" says the unit already.
	const written = unit === 'perSecond' ? 'count' : unit;
	const [value, threshold] = [change.value, change.threshold].map((number) => writeQuantity(number, written));
	const measure = measureInWords(rule.measure);
	const what = where === '' ? measure : `${measure} of ${where}`;
	const verb = /PerSecond$|^count$/.test(rule.measure) ? 'are' : 'is';
	return `${name}: ${what} ${verb} ${value}, ${words[test?.kind ?? 'above']} ${threshold}`.slice(0, 500);
}
