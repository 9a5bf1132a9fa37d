import { MAX_ALERT_GROUPS } from '../../schema/alert.ts';
import type { DocumentOf } from '../../schema/desired-state.ts';
import { parseQuery } from '../../schema/query-language.ts';
import { groupingColumns } from '../analysis/column-plan.ts';
import { compileQuery } from '../analysis/query-to-sql.ts';
import { messageOf, ProblemError } from '../problem.ts';
import type { AlertQuestion, AlertTick, AlertValueReader } from '../store/alerts/alert-types.ts';
import type { MeasuredQuery } from '../store/reader-types.ts';
import type { Measured } from './evaluate/evaluate.ts';
import type { Sample } from './evaluate/judge.ts';
import type { Rule } from './evaluate/rule.ts';
import type { MeasureBatch, TickRange, Watched } from './watched.ts';

/** A query as it is run. Throws `ProblemError` where it can't be. */
export function measuredQuery(text: string, prefix?: string): MeasuredQuery {
	const parsed = parseQuery(text);
	if (parsed.kind === 'error') throw new ProblemError(400, 'BAD_QUERY', parsed.message, parsed);
	const compiled = compileQuery(parsed.query, prefix);
	if ('kind' in compiled) throw new ProblemError(400, 'UNSUPPORTED_QUERY', compiled.message);
	return { ...compiled, query: parsed.query };
}

/** What may be mended by waiting: then the window is measured later rather than counted as an error. */
export const isPassing = ({ code }: ProblemError): boolean => code === 'STORE_UNAVAILABLE' || code === 'STORE_BUSY';

/** Measures rules that share query, spans, grouping and window by one question, and one for each window before. */
export function measureAlerts(reader: AlertValueReader): MeasureBatch {
	return async (batch, range) => {
		const [first] = batch;
		if (first === undefined) return new Map();
		try {
			return await measureBatch(reader, first, batch, range);
		} catch (error) {
			if (error instanceof ProblemError && isPassing(error)) throw error;
			return new Map(batch.map((watched) => [watched, failed(watched.rule, range, messageOf(error))]));
		}
	};
}

async function measureBatch(
	reader: AlertValueReader,
	first: Watched,
	batch: readonly Watched[],
	range: TickRange,
): Promise<Map<Watched, Measured[]>> {
	const measures = [...new Set(batch.map(({ rule }) => rule.measure))];
	const question = questionOf(first, measures);
	const scope = { project: first.project };
	const found = await reader.values(scope, question, range);
	const tooMany = `more than ${MAX_ALERT_GROUPS} groups; narrow the query, or group by less`;
	if (found.kind === 'tooManyGroups') {
		return new Map(batch.map((watched) => [watched, failed(watched.rule, range, tooMany)]));
	}
	const before = await valuesBefore(reader, scope, question, batch, range);
	return new Map(
		batch.map((watched) => [
			watched,
			found.ticks.map((tick): Measured =>
				tick.groups.size > MAX_ALERT_GROUPS
					? { kind: 'error', tMs: tick.tMs, reason: tooMany }
					: { kind: 'values', tMs: tick.tMs, groups: samplesOf(watched.rule, measures, tick, before) },
			),
		]),
	);
}

export function questionOf({ declared, rule }: Watched, measures: readonly string[]): AlertQuestion {
	const { spec } = declared.document as DocumentOf<'Alert'>;
	const { windowMs, everyMs, groupBy } = rule;
	return {
		query: measuredQuery(spec.query),
		spans: spec.spans,
		// `ruleOf` lets no rule through that is grouped by anything else.
		by: groupingColumns(groupBy),
		windowMs,
		everyMs,
		measures,
	};
}

/** By how long before, then by end of the later window. */
type Before = Map<number, Map<number, AlertTick>>;

async function valuesBefore(
	reader: AlertValueReader,
	scope: { project: string },
	question: AlertQuestion,
	batch: readonly Watched[],
	{ fromMs, toMs }: TickRange,
): Promise<Before> {
	const before: Before = new Map();
	for (const againstMs of new Set(batch.flatMap(({ rule }) => rule.againstMs))) {
		const found = await reader.values(scope, question, { fromMs: fromMs - againstMs, toMs: toMs - againstMs });
		const ticks = found.kind === 'values' ? found.ticks : [];
		before.set(againstMs, new Map(ticks.map((tick) => [tick.tMs + againstMs, tick])));
	}
	return before;
}

function samplesOf(rule: Rule, measures: readonly string[], tick: AlertTick, before: Before): Map<string, Sample> {
	const index = measures.indexOf(rule.measure);
	const samples = new Map<string, Sample>();
	for (const [key, { values, requests }] of tick.groups) {
		samples.set(key, {
			value: values[index] ?? null,
			requests,
			before: rule.againstMs.map((ms) => before.get(ms)?.get(tick.tMs)?.groups.get(key)?.values[index] ?? null),
		});
	}
	return samples;
}

function failed({ everyMs }: Rule, { fromMs, toMs }: TickRange, reason: string): Measured[] {
	const measured: Measured[] = [];
	for (let tMs = fromMs; tMs <= toMs; tMs += everyMs) measured.push({ kind: 'error', tMs, reason });
	return measured;
}
