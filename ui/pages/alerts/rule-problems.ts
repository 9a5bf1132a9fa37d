import { ruleOf } from '../../../collector/alerting/evaluate/rule-of-document.ts';
import type { Rule } from '../../../collector/alerting/evaluate/rule.ts';
import { MEASURE_PATTERN, NAME_EXPECTED, NAME_PATTERN } from '../../../schema/alert.ts';
import type { AlertDocument } from './rule-draft.ts';

/** By path in the document, such as `spec.conditions.0.above`: what is wrong there. */
export type Problems = ReadonlyMap<string, string>;

const DURATION = /^(\d{1,9}(\.\d{1,6})?(ns|us|ms|s|m|h|d|w))+$/;
const HOLD = /^(\d{1,3} of \d{1,3}|(\d{1,9}(\.\d{1,6})?(ms|s|m|h|d))+)$/;

/**
 * The rule that a document says, or all that is wrong with it: what the schema on the server would refuse, and what
 * only the evaluator sees.
 */
export function readRule(document: AlertDocument): { rule: Rule | undefined; problems: Problems } {
	const problems = new Map<string, string>();
	const { metadata, spec } = document;
	const expect = (isRight: boolean, path: string, message: string) => {
		if (!isRight) problems.set(path, message);
	};
	expect(NAME_PATTERN.test(metadata.name), 'metadata.name', NAME_EXPECTED);
	expect(MEASURE_PATTERN.test(spec.measure), 'spec.measure', 'expected a measure such as p95 or apdex(500ms)');
	expect(DURATION.test(spec.window), 'spec.window', 'expected a duration with its unit, such as 5m');
	expect(DURATION.test(spec.every), 'spec.every', 'expected a duration with its unit, such as 1m');
	expect(spec.groupBy.length <= 3, 'spec.groupBy', 'expected at most 3 attributes');
	for (const [index, condition] of spec.conditions.entries()) {
		expect(HOLD.test(condition.for), `spec.conditions.${index}.for`, 'expected 5 of 6, or a duration such as 30m');
	}
	const schemaFits = [...problems.keys()].every((path) => path === 'metadata.name');
	if (!schemaFits) return { rule: undefined, problems };
	const read = ruleOf(document);
	if (read.kind === 'rule') return { rule: read.rule, problems };
	for (const { path, message } of read.problems) if (!problems.has(path)) problems.set(path, message);
	return { rule: undefined, problems };
}

/** What makes a rule's series: while it stays the same, a change is judged in the browser. */
export const seriesKey = ({ spec }: AlertDocument): string =>
	JSON.stringify([spec.query, spec.spans, spec.measure, spec.window, spec.every, spec.groupBy]);
