import { expect, test } from 'vitest';
import { objectiveOf, ruleOfObjective } from '../../alerting/objectives/objective.ts';
import { loadDocuments } from '../load-documents.ts';

const load = (...texts: string[]) => loadDocuments(texts.map((text, index) => ({ path: `${index}.yaml`, text })));
const specs = (...texts: string[]) => {
	const { documents, findings } = load(...texts);
	expect(findings.filter(({ level }) => level === 'error')).toEqual([]);
	return documents.map(({ document }) => document);
};
/** `line:column expected`, of the first error. */
const refusal = (...texts: string[]) => {
	const { documents, findings } = load(...texts);
	expect(documents).toEqual([]);
	const [first] = findings;
	return `${first?.file}:${first?.line}:${first?.column} ${first?.expected}`;
};

const source = (query: string) => `{ metricSource: { type: Spanhouse, spec: { query: '${query}' } } }`;
const slo = ({
	ratio = `total: ${source('service:shop entry:true')}, good: ${source('-error:true')}`,
	window = '{ duration: 4w, isRolling: true }',
	method = 'Occurrences',
	objective = 'target: 0.9995',
	more = '',
} = {}) => `apiVersion: openslo/v1
kind: SLO
metadata: { name: shop-works, displayName: Shop works, labels: { tags: [a, b] } }
spec:
  service: shop
  indicator:
    metadata: { name: works }
    spec: { ratioMetric: { counter: true, ${ratio} } }
  timeWindow: [${window}]
  budgetingMethod: ${method}
  objectives: [{ ${objective} }]
${more}`;

test('an objective with good of total, a rolling window and a target becomes ours', () => {
	expect(specs(slo())).toMatchObject([
		{
			kind: 'SLO',
			metadata: {
				name: 'shop-works',
				labels: { service: 'shop', tags: 'a,b' },
				annotations: { title: 'Shop works' },
			},
			spec: {
				total: 'service:shop entry:true',
				good: '-error:true',
				targetPercent: 99.95,
				window: { duration: '28d', rolling: true },
			},
		},
	]);
	expect(specs(slo())[0]).not.toHaveProperty('spec.burnRates');
});

test('bad of total counts what is not bad; each of several objectives becomes one', () => {
	const ratio = `total: ${source('service:shop')}, bad: ${source('error:true OR duration>1s')}`;
	expect(
		specs(slo({ ratio, objective: 'targetPercent: 99 }, { target: 0.999' })).map(({ metadata, spec }) => [
			metadata.name,
			spec,
		]),
	).toMatchObject([
		['shop-works/1', { good: 'NOT (error:true OR duration>1s)', targetPercent: 99 }],
		['shop-works/2', { targetPercent: 99.9 }],
	]);
});

test('a threshold of the duration needs its unit, which OpenSLO has none for', () => {
	const threshold = (spec: string) =>
		slo({ objective: 'op: lt, value: 500, target: 0.99' }).replace(
			/ratioMetric: .* }$/m,
			`thresholdMetric: { metricSource: { type: spanhouse, spec: ${spec} } } }`,
		);
	expect(specs(threshold('{ query: "service:shop", unit: ms }'))).toMatchObject([{ spec: { good: 'duration<500ms' } }]);
	expect(refusal(threshold('{ query: "service:shop" }'))).toContain('the unit of value: ms, s or us');
});

test('slices of time, and months of the calendar', () => {
	const calendar = '{ duration: 1M, calendar: { startTime: 2026-01-01 00:00:00, timeZone: America/New_York } }';
	const sliced = slo({
		window: calendar,
		method: 'Timeslices',
		objective: 'target: 0.995, timeSliceTarget: 0.99, timeSliceWindow: 5',
	});
	expect(specs(sliced)).toMatchObject([
		{
			spec: {
				window: { duration: '30d', rolling: false, timeZone: 'America/New_York' },
				timeSlice: { window: '5m', targetPercent: 99 },
			},
		},
	]);
	const average = sliced.replace('Timeslices', 'RatioTimeslices').replace(' timeSliceTarget: 0.99,', '');
	expect(specs(average)).toMatchObject([{ spec: { timeSlice: { window: '5m' } } }]);
	expect(refusal(sliced.replace('01-01 00', '01-01 12'))).toBe('0.yaml:9:55 midnight of the first of a month');
});

const policy = `apiVersion: openslo/v1
kind: AlertPolicy
metadata: { name: fast-burn }
spec:
  alertWhenBreaching: true
  conditions: [{ conditionRef: burns }]
  notificationTargets: [{ targetRef: oncall }]
`;
const condition = `apiVersion: openslo/v1
kind: AlertCondition
metadata: { name: burns }
spec:
  severity: page
  condition: { kind: burnrate, op: gte, threshold: 2, lookbackWindow: 1h, alertAfter: 5m }
`;
const target = `apiVersion: openslo/v1
kind: AlertNotificationTarget
metadata: { name: oncall }
spec: { target: slack }
`;
const policies = '  alertPolicies: [{ alertPolicyRef: fast-burn }]\n';

test('alert policies by reference, over several files, are exactly the alerts of the objective', () => {
	const found = specs(slo({ more: policies }), policy, condition, target);
	expect(found).toMatchObject([
		{ spec: { burnRates: [{ severity: 'page', long: '1h', short: '1h', rate: 2, for: '5m' }], notify: ['oncall'] } },
	]);
	const [document] = found;
	const read = document?.kind === 'SLO' ? objectiveOf(document) : undefined;
	expect(read?.kind === 'objective' ? ruleOfObjective(read.objective).conditions : []).toMatchObject([
		{ severity: 'page', test: { kind: 'burn', threshold: 2 }, hold: { kind: 'time', ms: 300_000 } },
	]);
});

test('indicators and data sources are found by their names', () => {
	const sli = `apiVersion: openslo/v1
kind: SLI
metadata: { name: works }
spec:
  ratioMetric:
    total: { metricSource: { metricSourceRef: traces, spec: { query: service:shop } } }
    good: { metricSource: { metricSourceRef: traces, spec: { query: "-error:true" } } }
`;
	const dataSource =
		'apiVersion: openslo/v1\nkind: DataSource\nmetadata: { name: traces }\nspec: { type: spanhouse, connectionDetails: { url: "http://x" } }\n';
	const service = 'apiVersion: openslo/v1\nkind: Service\nmetadata: { name: shop }\nspec: { description: The shop }\n';
	const referring = slo().replace(/ {2}indicator:\n.*\n.*\n/, '  indicatorRef: works\n');
	expect(specs(referring, sli, dataSource, service)).toMatchObject([
		{ spec: { total: 'service:shop', good: '-error:true' } },
	]);
	expect(refusal(referring, sli)).toContain('spanhouse: spans are the only source');
	expect(refusal(referring)).toBe('0.yaml:6:17 the name of an SLI in the same folder');
});

test.each([
	// After the examples of the specification: a source that is no traces, a window of one minute, an average of ratios.
	['another source', slo().replaceAll('Spanhouse', 'Datadog'), /^0\.yaml:8:\d+ spanhouse: spans are the only source/],
	[
		'a month that is a minute',
		slo({
			window:
				'{ duration: 1m, isRolling: false, calendar: { startTime: 2022-01-01 12:00:00, timeZone: America/New_York } }',
		}),
		/^0\.yaml:9:28 1d, 1w or 1M/,
	],
	[
		'an average of ratios with a target for each',
		slo({ method: 'RatioTimeslices', objective: 'target: 0.99, timeSliceTarget: 0.9, timeSliceWindow: 1m' }),
		/^0\.yaml:11:49 none: with RatioTimeslices/,
	],
	['no window', slo().replace(/ {2}timeWindow.*\n/, ''), /^0\.yaml:4:1 a list/],
	['a slip', slo().replace('budgetingMethod', 'budgettingMethod'), /^0\.yaml:10:3 budgetingMethod/],
	['both targets', slo({ objective: 'target: 0.9, targetPercent: 90' }), /^0\.yaml:11:16 target or targetPercent/],
	[
		'a stored ratio',
		slo({ ratio: `rawType: success, raw: ${source('a:b')}` }),
		/good or bad of total: there are no stored ratios/,
	],
	['a composite', slo({ objective: 'target: 0.9, compositeWeight: 1' }), /^0\.yaml:11:31 one of displayName/],
	[
		'a query that can’t be read',
		slo({ ratio: `total: ${source('service:shop')}, good: ${source('duration>500')}` }),
		/^0\.yaml:8:188 .*500ms/,
	],
	[
		'a window that is too long',
		slo({ window: '{ duration: 1Y, isRolling: true }' }),
		/^0\.yaml:9:16 whole minutes, at most 90d/,
	],
])('%s is refused with place and reason', (_, text, expected) => {
	expect(refusal(text)).toMatch(expected);
});

test.each([
	['burning little', condition.replace('gte', 'lte'), /op gt or gte/],
	['an unknown severity', condition.replace('severity: page', 'severity: sev7'), /severity page/],
])('an alert on %s is refused', (_, changed, expected) => {
	expect(refusal(slo({ more: policies }), policy, changed, target)).toMatch(expected);
});

test('an alert without data, without a breach, or with a target that is not there is refused', () => {
	const more = slo({ more: policies });
	expect(
		refusal(more, policy.replace('alertWhenBreaching: true', 'alertWhenNoData: true'), condition, target),
	).toContain('alertWhenNoData');
	expect(refusal(more, policy.replace('Breaching: true', 'Breaching: false'), condition, target)).toContain(
		'alertWhenBreaching',
	);
	expect(refusal(more, policy, condition)).toContain('an AlertNotificationTarget');
	expect(refusal(more)).toContain('0.yaml:12:19 an AlertPolicy');
});
