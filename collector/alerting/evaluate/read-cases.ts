/** Reads the declarative cases: for tests of everything that holds them. */
import type { AlertSpec } from '../../../schema/desired-state.ts';
import type { Change, Measured } from './evaluate.ts';
import type { Sample } from './judge.ts';
import { ruleOf } from './rule-of-document.ts';
import { groupKeyOf } from './rule.ts';
import type { Rule } from './rule.ts';
import file from './cases.json' with { type: 'json' };

export interface EvaluationCase {
	name: string;
	rule: Rule;
	spec: AlertSpec;
	/** In order; `stale` ones come after the evaluation before them. */
	measured: Measured[];
	/** `5 fired page /cart`. */
	expected: string[];
	/** What is shown of the first condition at the end. */
	ends: string | undefined;
}

interface WrittenCase {
	name: string;
	conditions: Record<string, string | number>[];
	measure?: string;
	groupBy?: string[];
	minRequests?: number;
	noData?: AlertSpec['noData'];
	overrides?: { match: string; conditions: Record<string, string | number>[] }[];
	/** By value of the group. */
	values: Record<string, string>;
	events?: Record<string, string>;
	expect: string[];
	ends?: string;
}

/** A whole minute. */
export const CASES_BEGIN_MS = 1_700_000_040_000;
const minuteMs = 60_000;

export const evaluationCases = (): EvaluationCase[] => (file.cases as WrittenCase[]).map(readCase);

function readCase(written: WrittenCase): EvaluationCase {
	const withFor = (conditions: WrittenCase['conditions']) => conditions.map((one) => ({ for: '1 of 1', ...one }));
	const spec = {
		query: '',
		spans: 'entry',
		measure: written.measure ?? 'p95',
		window: '5m',
		every: '1m',
		groupBy: written.groupBy ?? [],
		conditions: withFor(written.conditions),
		overrides: (written.overrides ?? []).map((one) => ({ ...one, conditions: withFor(one.conditions) })),
		minRequests: written.minRequests ?? 0,
		noData: written.noData ?? 'keep',
		enabled: true,
		notify: [],
	} as unknown as AlertSpec;
	const metadata = { name: 'case', labels: {}, annotations: {} };
	const read = ruleOf({ apiVersion: 'spanhouse.dev/v1', kind: 'Alert', metadata, spec });
	if (read.kind === 'problems') throw new Error(`${written.name}: ${JSON.stringify(read.problems)}`);
	const { name, expect: expected, ends } = written;
	return { name, rule: read.rule, spec, measured: measuredOf(written, read.rule), expected, ends };
}

/** When the evaluation of a number is: they begin with 1. */
export const timeOfEvaluation = (number: number): number => CASES_BEGIN_MS + number * minuteMs;

function measuredOf({ values, events = {} }: WrittenCase, rule: Rule): Measured[] {
	const series = Object.entries(values).map(([value, text]) => ({
		key: groupKeyOf(rule.groupBy.length === 0 ? [] : [value]),
		tokens: tokensOf(text),
	}));
	const length = Math.max(...series.map(({ tokens }) => tokens.length));
	return Array.from({ length }, (_, index) => index + 1).flatMap((number): Measured[] => {
		const tMs = timeOfEvaluation(number);
		const after: Measured[] = events[number] === 'stale' ? [{ kind: 'stale', tMs }] : [];
		if (series.some(({ tokens }) => tokens[number - 1] === '!'))
			return [{ kind: 'error', tMs, reason: 'test' }, ...after];
		const groups = new Map<string, Sample>();
		for (const { key, tokens } of series) {
			const token = tokens[number - 1] ?? '.';
			if (token !== '.') groups.set(key, sampleOf(token, rule.unit));
		}
		return [{ kind: 'values', tMs, groups }, ...after];
	});
}

const tokensOf = (text: string): string[] =>
	text.split(' ').flatMap((token) => {
		const [, one = token, times = '1'] = /^(.+)x(\d+)$/.exec(token) ?? [];
		return Array.from({ length: Number(times) }, () => one);
	});

function sampleOf(token: string, unit: Rule['unit']): Sample {
	const [, value = '_', before, requests = '100'] = /^([^@/]+)(?:@([^/]+))?(?:\/(.+))?$/.exec(token) ?? [];
	const scale = unit === 'nanoseconds' ? 1e6 : 1;
	if (value === '_') return { value: null, requests: 0, before: [] };
	return {
		value: Number(value) * scale,
		requests: Number(requests),
		before: before === undefined ? [] : [Number(before) * scale],
	};
}

/** A change as the cases write it. */
export function writeChange({ kind, tMs, conditionKey, group, reason }: Change): string {
	const values = Object.values(group);
	return [
		(tMs - CASES_BEGIN_MS) / minuteMs,
		kind,
		conditionKey,
		...values,
		...(reason === undefined ? [] : [reason]),
	].join(' ');
}
