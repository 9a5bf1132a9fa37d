import { expect, test } from 'vitest';
import { IngestStatus } from './ingest-status.ts';
import { readTraces } from './receiver/read-traces.ts';
import { createSelfMetrics } from './self-metrics.ts';
import { TEST_SERVICE } from './test-span.ts';

const body = (note: string): Uint8Array =>
	Buffer.from(
		JSON.stringify({
			resourceSpans: [
				{
					scopeSpans: [
						{
							spans: [
								{
									traceId: '1'.repeat(32),
									spanId: '1'.repeat(16),
									attributes: [{ key: 'note', value: { stringValue: note } }],
								},
							],
						},
					],
				},
			],
		}),
	);
const report = (note: string) =>
	readTraces(body(note), 'json', { project: 'default', receivedMs: 1_795_000_000_000, retentionMs: 1 }).report;

test('says how many secrets were taken out, where and by which rule, and never what', () => {
	const status = new IngestStatus(createSelfMetrics(), () => 1);
	for (const note of ['AKIAIOSFODNN7EXAMPLE', 'https://user:hunter2@db/', 'nothing', 'AKIAIOSFODNN7EXAMPLF'])
		status.spansAccepted({ report: report(note), service: 'shop', project: 'default' });
	const { redactions } = status.describe(4);
	expect(redactions).toEqual([
		{ key: 'note', rule: 'aws-access-key', count: 2 },
		{ key: 'note', rule: 'url-credentials', count: 1 },
	]);
});

test('neither a request without spans nor a test span gives its project data', () => {
	const noted: string[] = [];
	const status = new IngestStatus(
		createSelfMetrics(),
		() => 1,
		(project) => noted.push(project),
	);
	const empty = readTraces(Buffer.from('{"resourceSpans":[]}'), 'json', {
		project: 'default',
		receivedMs: 1_795_000_000_000,
		retentionMs: 1,
	}).report;
	status.spansAccepted({ report: empty, service: '', project: 'default' });
	status.spansAccepted({ report: report('nothing'), service: TEST_SERVICE, project: 'default' });
	status.spansAccepted({ report: report('nothing'), service: 'shop', project: 'demo' });
	expect(noted).toEqual(['demo']);
});

test('of a dropped project no request and no sample of a refusal stays; what was refused is still counted', () => {
	const status = new IngestStatus(createSelfMetrics(), () => 1);
	for (const project of ['mango', 'kiwi'])
		status.spansAccepted({ report: report('nothing'), service: `${project}-web`, project });
	status.rejected({ signal: 'traces', reason: 'invalid_span_id', count: 2, sample: 'mango pays' });
	status.requestFailed({ method: 'POST', path: '/v1/traces', status: 400, detail: 'mango is no JSON', remote: '' });
	const told = () => JSON.stringify([status.counts(), status.describe(4), status.describeProject('mango')]);
	expect(told().match(/mango/g)).toHaveLength(3);
	status.forgetProject('mango');
	expect(told()).not.toContain('mango');
	expect(status.counts().rejections).toMatchObject([{ reason: 'invalid_span_id', count: 2, sample: null }]);
});
