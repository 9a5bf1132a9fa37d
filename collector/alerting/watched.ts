/** Declared rules and objectives in the form in which they are evaluated. */
import { createHash } from 'node:crypto';
import type { DocumentOf } from '../../schema/desired-state.ts';
import type { DeclaredDocument } from '../desired/documents.ts';
import type { Measured } from './evaluate/evaluate.ts';
import type { Rule } from './evaluate/rule.ts';
import { ruleOf } from './evaluate/rule-of-document.ts';
import type { RuleProblem } from './evaluate/rule-of-document.ts';
import { objectiveOf, ruleOfObjective } from './objectives/objective.ts';

export type WatchedDocument = DeclaredDocument<'Alert'> | DeclaredDocument<'SLO'>;

export interface Watched {
	project: string;
	kind: 'Alert' | 'SLO';
	name: string;
	/** `Alert/checkout-is-slow`: names it in the tables of the store. */
	key: string;
	declared: WatchedDocument;
	rule: Rule;
	/** What its state belongs to: with another query, measure or grouping it begins anew. */
	identity: string;
	/** What its stored values belong to: with another window they are others. */
	question: string;
	/** Rules with the same are measured together. */
	batch: string;
}

/** Ends of windows, `everyMs` apart, both included. */
export interface TickRange {
	fromMs: number;
	toMs: number;
}

/** Measures rules of one batch over the same windows. Throws where none of them could be asked. */
export type MeasureBatch = (batch: readonly Watched[], range: TickRange) => Promise<Map<Watched, Measured[]>>;

const hashOf = (parts: readonly unknown[]): string =>
	createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);

export const keyOf = (kind: Watched['kind'], name: string): string => `${kind}/${name}`;

export type ReadDocument = { kind: 'watched'; watched: Watched } | { kind: 'problems'; problems: RuleProblem[] };

/** Names what an objective counts. */
export const objectiveId = ({ total, good, spans }: DocumentOf<'SLO'>['spec']): string => hashOf([total, good, spans]);

/** An objective by its burn rates, or what is wrong with its document. */
export function watchObjective(project: string, declared: DeclaredDocument<'SLO'>): ReadDocument {
	const { document } = declared;
	const read = objectiveOf(document);
	if (read.kind === 'problems') return read;
	const { name } = document.metadata;
	const identity = objectiveId(document.spec);
	const { burnRates, slice, targetRatio, minBadEvents } = read.objective;
	const watched: Watched = {
		project,
		kind: 'SLO',
		name,
		key: keyOf('SLO', name),
		declared,
		rule: ruleOfObjective(read.objective),
		identity,
		question: hashOf([identity, burnRates, slice, targetRatio, minBadEvents]),
		batch: hashOf([project, 'SLO', name]),
	};
	return { kind: 'watched', watched };
}

/** A rule, or what is wrong with its document. */
export function watchAlert(project: string, declared: DeclaredDocument<'Alert'>): ReadDocument {
	const { document } = declared;
	const read = ruleOf(document);
	if (read.kind === 'problems') return read;
	return { kind: 'watched', watched: watchedAlert(project, declared, document, read.rule) };
}

function watchedAlert(
	project: string,
	declared: DeclaredDocument<'Alert'>,
	{ spec, metadata }: DocumentOf<'Alert'>,
	rule: Rule,
): Watched {
	const { name } = metadata;
	const asked = [spec.query, spec.spans, spec.groupBy];
	const apdex = spec.measure.startsWith('apdex') ? spec.measure : '';
	const windows = [rule.windowMs, rule.everyMs, rule.againstMs];
	return {
		project,
		kind: 'Alert',
		name,
		key: keyOf('Alert', name),
		declared,
		rule,
		identity: hashOf([...asked, spec.measure]),
		question: hashOf([...asked, spec.measure, ...windows]),
		batch: hashOf([project, ...asked, apdex, rule.windowMs, rule.everyMs]),
	};
}
