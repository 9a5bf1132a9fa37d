import { parseQuery } from '../../schema/query-language.ts';
import type { AlertSpec, ConditionDocument, DesiredDocument, DocumentOf } from '../../schema/desired-state.ts';
import { compileQuery } from '../analysis/query-to-sql.ts';
import { describeFound } from './finding.ts';
import type { Finding } from './finding.ts';
import { durationMs } from './durations.ts';

/** What a document of the right shape may still get wrong: queries, units, values that contradict each other. */
export function checkMeaning(document: DesiredDocument): Finding[] {
	switch (document.kind) {
		case 'Alert':
			return checkAlert(document.spec);
		case 'SLO':
			return checkObjective(document);
		case 'Channel':
			return checkChannel(document);
		case 'Source':
			return checkSource(document);
		case 'Silence':
			return checkSilence(document);
		default:
			return [];
	}
}

type Path = readonly PropertyKey[];
const error = (path: Path, found: unknown, expected: string): Finding => ({
	level: 'error',
	path,
	found: describeFound(found),
	expected,
});
const warning = (path: Path, found: unknown, expected: string): Finding => ({
	...error(path, found, expected),
	level: 'warning',
});

function checkAlert(spec: AlertSpec): Finding[] {
	const findings = checkQuery(['spec', 'query'], spec.query);
	findings.push(...checkConditions(['spec', 'conditions'], spec.conditions, spec.measure));
	for (const [index, { match, conditions }] of spec.overrides.entries()) {
		findings.push(...checkQuery(['spec', 'overrides', index, 'match'], match));
		findings.push(...checkConditions(['spec', 'overrides', index, 'conditions'], conditions, spec.measure));
	}
	if (durationMs(spec.every) < 10_000) findings.push(error(['spec', 'every'], spec.every, 'at least 10s'));
	if (durationMs(spec.window) < 10_000) findings.push(error(['spec', 'window'], spec.window, 'at least 10s'));
	return findings;
}

function checkConditions(path: Path, conditions: readonly ConditionDocument[], measure: string): Finding[] {
	return conditions.flatMap((condition, index) => checkCondition([...path, index], condition, measure));
}

const thresholds = ['above', 'below', 'recoverBelow', 'recoverAbove'] as const;

function checkCondition(path: Path, condition: ConditionDocument, measure: string): Finding[] {
	const unit = unitOf(measure);
	return thresholds.flatMap((name) => {
		const value = condition[name];
		return value === undefined || unit.fits(value) ? [] : [error([...path, name], value, unit.expected)];
	});
}

/** Thresholds have the unit of their measure, so that 800 is never 800 of something else. */
function unitOf(measure: string): { fits(value: string | number): boolean; expected: string } {
	if (measure.startsWith('p')) {
		return {
			fits: (value) => typeof value === 'string' && !value.endsWith('%'),
			expected: `a duration with its unit, such as 800ms, as the measure is ${measure}`,
		};
	}
	if (measure === 'errorPercent') {
		return {
			fits: (value) => typeof value === 'string' && value.endsWith('%'),
			expected: 'a percentage, such as 5%, as the measure is errorPercent',
		};
	}
	return {
		fits: (value) => typeof value === 'number',
		expected: `a number without a unit, as the measure is ${measure}`,
	};
}

function checkQuery(path: Path, text: string): Finding[] {
	const parsed = parseQuery(text);
	if (parsed.kind === 'error') {
		const { position, found, expected, suggestion } = parsed;
		const hint = suggestion === undefined ? '' : `, or ${suggestion}`;
		return [{ ...error(path, found === '' ? undefined : found, `${expected}${hint}`), offset: position }];
	}
	const compiled = compileQuery(parsed.query);
	if (!('kind' in compiled)) return [];
	return [{ ...error(path, text, compiled.message), offset: compiled.position }];
}

function checkObjective({ spec }: DocumentOf<'SLO'>): Finding[] {
	const findings = [...checkQuery(['spec', 'total'], spec.total), ...checkQuery(['spec', 'good'], spec.good)];
	const { timeZone } = spec.window;
	if (!isTimeZone(timeZone)) {
		findings.push(error(['spec', 'window', 'timeZone'], timeZone, 'a time zone such as UTC or Europe/Berlin'));
	}
	if (durationMs(spec.window.duration) < 3_600_000)
		findings.push(error(['spec', 'window', 'duration'], spec.window.duration, 'at least 1h'));
	for (const [index, { long, short }] of (spec.burnRates ?? []).entries()) {
		if (durationMs(short) > durationMs(long))
			findings.push(error(['spec', 'burnRates', index, 'short'], short, `at most the ${long} of long`));
	}
	return findings;
}

function isTimeZone(name: string): boolean {
	try {
		return new Intl.DateTimeFormat('en', { timeZone: name }) instanceof Intl.DateTimeFormat;
	} catch {
		return false;
	}
}

const isReference = (text: string): boolean => /\$\{(env|file):[^}]+\}/.test(text);
const secretAdvice =
	'a reference such as ${env:NAME} or ${file:/run/secrets/name}: what is written here is in the history';

function checkChannel({ spec }: DocumentOf<'Channel'>): Finding[] {
	const findings: Finding[] = [];
	for (const name of ['secret', 'smtp'] as const) {
		const value = spec[name];
		if (value !== undefined && !isReference(value)) findings.push(warning(['spec', name], '(a secret)', secretAdvice));
	}
	// The address of a Slack or Teams channel is all that is needed to write there.
	const { type, url } = spec;
	const isSecret = type === 'slack' || type === 'teams' || /\/\/[^/]*@/.test(url ?? '');
	if (url !== undefined && isSecret && !isReference(url))
		findings.push(warning(['spec', 'url'], '(a secret)', secretAdvice));
	return findings;
}

function checkSource({ spec }: DocumentOf<'Source'>): Finding[] {
	const findings: Finding[] = [];
	if ((spec.folder === undefined) === (spec.repository === undefined))
		findings.push(error(['spec'], spec.folder, 'either folder or repository'));
	for (const name of ['credentials', 'webhookSecret'] as const) {
		const value = spec[name];
		if (value !== undefined && !isReference(value))
			findings.push(
				error(['spec', name], '(a secret)', 'a reference such as ${env:NAME} or ${file:/run/secrets/name}'),
			);
	}
	if (durationMs(spec.every) < 1_000) findings.push(error(['spec', 'every'], spec.every, 'at least 1s'));
	return findings;
}

function checkSilence({ spec }: DocumentOf<'Silence'>): Finding[] {
	const findings: Finding[] = [];
	for (const name of ['from', 'until'] as const) {
		const value = spec[name];
		if (value !== undefined && Number.isNaN(Date.parse(value)))
			findings.push(error(['spec', name], value, 'a time in ISO 8601, such as 2026-05-01T09:00:00Z'));
	}
	if (!isTimeZone(spec.timeZone))
		findings.push(error(['spec', 'timeZone'], spec.timeZone, 'a time zone such as UTC or Europe/Berlin'));
	if (spec.every !== undefined && !/^([01]\d|2[0-3]):[0-5]\d$/.test(spec.every.at))
		findings.push(error(['spec', 'every', 'at'], spec.every.at, 'a time of day, such as 22:30'));
	return findings;
}
