import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ruleOf } from '../../../collector/alerting/evaluate/rule-of-document.ts';
import { NO_DATA_CHOICES, SEVERITIES } from '../../../schema/alert.ts';
import { documentSchema } from '../../../schema/desired-state.ts';
import type { ConditionDocument } from '../../../schema/desired-state.ts';
import { alertDocument } from '../../testing/alert-answers.ts';
import { documentOfDraft, draftOfDocument, nameFor, newDraft, writtenBound, writtenText } from './rule-draft.ts';
import { readRule } from './rule-problems.ts';

const duration = fc
	.tuple(fc.integer({ min: 1, max: 900 }), fc.constantFrom('ms', 's', 'm', 'h'))
	.map(([n, unit]) => `${n}${unit}`);
const hold = fc.oneof(
	fc.constantFrom('5m', '30m', '1h30m'),
	fc.integer({ min: 1, max: 9 }).map((n) => `${n} of 9`),
);
const severity = fc.constantFrom(...SEVERITIES);
const condition: fc.Arbitrary<ConditionDocument> = fc.oneof(
	fc.record({ severity, above: duration, for: hold }),
	fc.record({ severity, below: duration, recoverAbove: duration, for: hold }),
	fc.record({ severity, changedBy: fc.constantFrom('+50%', '-20%'), against: fc.constantFrom('1d', '1w'), for: hold }),
);

test('a document goes through the fields and comes back as it was, with what they do not show', () => {
	fc.assert(
		fc.property(
			fc.record({
				query: fc.constantFrom('service:a', 'service:"b c" error:true', ''),
				spans: fc.constantFrom('entry' as const, 'all' as const),
				groupBy: fc.uniqueArray(fc.constantFrom('http.route', 'env', 'version'), { maxLength: 3 }),
				conditions: fc.array(condition, { minLength: 1, maxLength: 3 }),
				minRequests: fc.nat(500),
				noData: fc.constantFrom(...NO_DATA_CHOICES),
				enabled: fc.boolean(),
				notify: fc.uniqueArray(fc.constantFrom('oncall', 'mail'), { maxLength: 2 }),
				overrides: fc.constantFrom(
					[],
					[{ match: 'http.route:/x', conditions: [{ severity: 'page' as const, above: '5s', for: '1 of 1' }] }],
				),
			}),
			fc.dictionary(fc.constantFrom('summary', 'runbook', 'owner'), fc.constantFrom('x', 'https://x')),
			(facts, annotations) => {
				const document = alertDocument('some/rule', facts);
				document.metadata.annotations = { ...annotations };
				expect(documentOfDraft(draftOfDocument(document))).toEqual(document);
			},
		),
	);
});

test('what people type is written as documents write it', () => {
	const typed = ['5 min', '800 ms', '1 h 30 min', '5 of 6', '5of6', ' 2 weeks', '312 µs', '90 sec', '1h30m'];
	expect(typed.map(writtenText)).toEqual(['5m', '800ms', '1h30m', '5 of 6', '5 of 6', '2w', '312us', '90s', '1h30m']);
	expect(writtenBound('5', 'errorPercent')).toBe('5%');
	expect(writtenBound('5 %', 'errorPercent')).toBe('5%');
	expect(writtenBound('12.5', 'requestsPerSecond')).toBe(12.5);
	expect(writtenBound('800', 'p95')).toBe('800');
	expect(writtenBound('0.9', 'apdex(500ms)')).toBe(0.9);
});

test('a new rule of any measure is right as it stands, for schema and evaluator alike', () => {
	for (const measure of ['p50', 'p99.9', 'errorPercent', 'errorsPerSecond', 'count', 'apdex(500ms)']) {
		const document = documentOfDraft(newDraft({ measure, name: 'new', query: 'service:a' }));
		expect(documentSchema.parse(document)).toEqual(document);
		expect(ruleOf(document).kind, measure).toBe('rule');
		expect(readRule(document).problems.size).toBe(0);
	}
});

test('what the schema refuses is told by its field, and what only the evaluator sees', () => {
	const wrong = newDraft({ name: '-x', window: '5', conditions: [{ ...newDraft().conditions[0], hold: 'soon' }] });
	const document = documentOfDraft(wrong);
	const paths = [...readRule(document).problems.keys()].sort();
	expect(paths).toEqual(['metadata.name', 'spec.conditions.0.for', 'spec.window']);
	const refused = documentSchema.safeParse(document);
	expect(refused.error?.issues.map(({ path }) => path.join('.')).sort()).toEqual(paths);
	const unitless = documentOfDraft(
		newDraft({ name: 'x', conditions: [{ ...newDraft().conditions[0], bound: '800' }] }),
	);
	expect(readRule(unitless).problems.get('spec.conditions.0.above')).toContain('a duration with its unit');
});

test('a name is proposed from service, operation and measure, and is one that is allowed', () => {
	expect(nameFor('service:shop/checkout operation:"POST /checkout"', 'p95')).toBe('checkout-post-checkout-p95');
	expect(nameFor('service:"shop/cart"', 'errorPercent')).toBe('cart-error-percent');
	expect(nameFor('', 'apdex(500ms)')).toBe('all-apdex');
});
