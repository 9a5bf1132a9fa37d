import { parseQuery } from '../../schema/query-language.ts';
import type { DesiredDocument, DocumentOf } from '../../schema/desired-state.ts';
import { ruleOf } from '../alerting/evaluate/rule-of-document.ts';
import { burnWarnings } from '../alerting/objectives/burn-rates.ts';
import { isTimeZone } from '../alerting/objectives/calendar.ts';
import { objectiveOf } from '../alerting/objectives/objective.ts';
import { compileQuery } from '../analysis/query-to-sql.ts';
import { checkLink, checkService } from './check-links.ts';
import { describeFound } from './finding.ts';
import type { Finding } from './finding.ts';
import { isReference, secretFields } from './hide-secrets.ts';
import { durationMs } from './durations.ts';

/** What a document of the right shape may still get wrong: queries, units, values that contradict each other. */
export function checkMeaning(document: DesiredDocument): Finding[] {
	switch (document.kind) {
		case 'Alert':
			return checkAlert(document);
		case 'SLO':
			return checkObjective(document);
		case 'Channel':
			return checkChannel(document);
		case 'Source':
			return checkSource(document);
		case 'Silence':
			return checkSilence(document);
		case 'Link':
			return checkLink(document);
		case 'Service':
			return checkService(document);
		case 'Retention':
			return checkRetention(document);
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

/** What the evaluator itself refuses, beside queries, which are told with their place. */
function checkAlert(document: DocumentOf<'Alert'>): Finding[] {
	const findings = checkQuery(['spec', 'query'], document.spec.query);
	const read = ruleOf(document);
	if (read.kind === 'rule') return findings;
	const problems = read.problems.filter(({ path }) => path !== 'spec.query');
	return [...findings, ...problems.map(({ path, message }) => fromProblem(document, path, message))];
}

/** `800: expected a duration` with its path, or a sentence without what was found. */
function fromProblem(document: DesiredDocument, pathText: string, message: string): Finding {
	const path = pathText.split('.').map((step) => (/^\d+$/.test(step) ? Number(step) : step));
	let value: unknown = document;
	for (const step of path) value = (value as Record<PropertyKey, unknown> | undefined)?.[step];
	return error(path, value, message.replace(/^.*?expected /, ''));
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

/** Beside what can't be: an alert that can't fire, however bad it gets. */
function checkObjective(document: DocumentOf<'SLO'>): Finding[] {
	const { total, good, targetPercent } = document.spec;
	const findings = [...checkQuery(['spec', 'total'], total), ...checkQuery(['spec', 'good'], good)];
	const read = objectiveOf(document);
	if (read.kind === 'problems') {
		const problems = read.problems.filter(({ path }) => path !== 'spec.total' && path !== 'spec.good');
		return [...findings, ...problems.map(({ path, message }) => fromProblem(document, path, message))];
	}
	const { burnRates, targetRatio } = read.objective;
	const unreachable = burnWarnings(burnRates, targetRatio).map((text) =>
		warning(['spec', 'targetPercent'], targetPercent, `another target, or burnRates: ${text}`),
	);
	const { minBadEvents, timeSlice } = document.spec;
	const sensitive =
		minBadEvents > 1 || timeSlice !== undefined
			? []
			: [
					warning(
						['spec', 'minBadEvents'],
						minBadEvents,
						'more, or timeSlice: where few events come, one bad one is told',
					),
				];
	return [...findings, ...unreachable, ...sensitive];
}

const secretAdvice =
	'a reference such as ${env:NAME} or ${file:/run/secrets/name}: what is written here is in the history';

const checkChannel = (document: DocumentOf<'Channel'>): Finding[] =>
	secretFields(document).map((name) => warning(['spec', name], '(a secret)', secretAdvice));

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

const hourMs = 3_600_000;

/** Data younger than an hour is never dropped. */
function checkRetention({ spec }: DocumentOf<'Retention'>): Finding[] {
	const fields = ['spans', 'rollups'] as const;
	if (spec.spans === undefined && spec.rollups === undefined)
		return [error(['spec'], undefined, 'spans, rollups or both')];
	return fields.flatMap((name) => {
		const value = spec[name];
		return value === undefined || durationMs(value) >= hourMs ? [] : [error(['spec', name], value, 'at least 1h')];
	});
}
