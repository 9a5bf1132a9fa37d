import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { expect } from 'vitest';
import type { OtlpTracesData } from '../../../schema/otlp-json.ts';
import { canonical, otlpJson } from '../../support/canonical-otlp.ts';
import { until } from '../../support/product.ts';
import type { Product } from '../../support/product.ts';

/** What an exporter was given to send, as its own encoder writes it. */
export interface Recorded {
	exporter: string;
	traceId: string;
	/** ExportTraceServiceRequest in protobuf, in hexadecimal. */
	request: string;
}

export const storedTrace = ({ ready }: Product, traceId: string): Promise<OtlpTracesData> =>
	until(
		async () => {
			const answer = await fetch(`${ready.ui}/api/v1/traces/${traceId}/otlp`);
			return answer.status === 200 ? ((await answer.json()) as OtlpTracesData) : undefined;
		},
		`trace ${traceId} in ClickHouse`,
		60_000,
	);

/** What came out is what went in, field by field; and it is what the program that sent it meant. */
export async function expectStored(product: Product, { exporter, traceId, request }: Recorded): Promise<void> {
	const stored = await storedTrace(product, traceId);
	expect(canonical(stored), exporter).toEqual(canonical(otlpJson(Buffer.from(request, 'hex'))));
	const spans = stored.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
	const [root, child] = ['root', 'child'].map((name) => spans.find((span) => span.name === name));
	expect(spans, exporter).toHaveLength(2);
	expect(root, exporter).toMatchObject({ kind: 2, status: {} });
	expect(Object.fromEntries((root?.attributes ?? []).map(({ key, value }) => [key, value])), exporter).toMatchObject({
		text: { stringValue: 'a "quoted" text, ünï¢ode 🪵 and \0' },
		empty: { stringValue: '' },
		double: { doubleValue: 0.1 },
		yes: { boolValue: true },
		texts: { arrayValue: { values: [{ stringValue: 'a' }, { stringValue: 'b' }] } },
		'http.response.status_code': { intValue: '409' },
	});
	expect(canonical(child), exporter).toMatchObject({
		kind: 3,
		parentSpanId: root?.spanId,
		status: { code: 2, message: 'no stock' },
		events: [
			{ name: 'cache miss', attributes: [{ key: 'attempt', value: { intValue: '2' } }, { key: 'key' }] },
			{ name: 'exception' },
		],
		// Without its tracestate, which Python's exporter leaves out.
		links: [{ attributes: [{ key: 'why', value: { stringValue: 'batch' } }] }],
	});
}

/** Lines of JSON that a program prints; rejects with what it said when it fails. */
export async function runSender(command: string, args: readonly string[]): Promise<Recorded[]> {
	const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
	const recorded: Recorded[] = [];
	let errors = '';
	child.stderr.setEncoding('utf8').on('data', (text: string) => (errors = (errors + text).slice(-4_000)));
	const lines = createInterface({ input: child.stdout });
	lines.on('line', (line) => recorded.push(JSON.parse(line) as Recorded));
	const code = await new Promise<number | null>((resolve, reject) => {
		child.once('error', reject).once('close', resolve);
	});
	if (code !== 0) throw new Error(`${command} ended with ${code}: ${errors}`);
	return recorded;
}
