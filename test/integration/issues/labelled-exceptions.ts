/** Exceptions whose causes are known, and what an inbox has to say of them, counted by hand. */
import type { WindowScope } from '../../../collector/store/reader-types.ts';
import { randomNumbers } from '../../support/random-spans.ts';
import type { PlainSpan } from '../../support/span-block.ts';
import { timeMs, within } from '../store/oracle.ts';

export const hourMs = 3_600_000;
export const endMs = Date.UTC(2026, 10, 20, 1, 30, 30, 500);
export const stepMs = 300_000;

/** An exception that was recorded, and which cause it was, by hand. */
export interface Labelled {
	span: PlainSpan;
	cause: string;
	event: number;
}

export const causes: readonly {
	label: string;
	service: string;
	type: string;
	text(n: number): { message: string; stack: string };
}[] = [
	{
		label: 'node',
		service: 'payment',
		type: 'StripeTimeout',
		text: (n) => ({
			message: `charge ${n} timed out`,
			stack: `StripeTimeout: charge ${n} timed out\n    at charge (/srv/${n}/pay.js:${n}:1)\n    at run (/srv/${n}/x.js:2:1)`,
		}),
	},
	{
		label: 'another frame',
		service: 'payment',
		type: 'StripeTimeout',
		text: (n) => ({
			message: `charge ${n} timed out`,
			stack: `StripeTimeout: charge ${n} timed out\n    at refund (/srv/pay.js:1:1)`,
		}),
	},
	{
		label: 'python',
		service: 'stock',
		type: 'KeyError',
		text: (n) => ({
			message: `'item-${n}'`,
			stack: `Traceback (most recent call last):\n  File "/app/stock.py", line ${n}, in reserve\n    x\nKeyError: 'item-${n}'`,
		}),
	},
	{ label: 'no stack', service: 'mail', type: 'Bounced', text: (n) => ({ message: `mail ${n} bounced`, stack: '' }) },
	{
		label: 'no stack, other text',
		service: 'mail',
		type: 'Bounced',
		text: (n) => ({ message: `no route for ${n}`, stack: '' }),
	},
	{
		label: 'same in another service',
		service: 'news',
		type: 'Bounced',
		text: (n) => ({ message: `mail ${n} bounced`, stack: '' }),
	},
];

export function makeSpans(seed: number, count: number): Labelled[] {
	const random = randomNumbers(seed);
	const pick = <Value>(values: readonly Value[]): Value => values[Math.floor(random() * values.length)]!;
	const hex = (length: number) => Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join('');
	const traces = Array.from({ length: count / 4 }, () => hex(32));
	const labelled: Labelled[] = [];
	for (let index = 0; index < count; index += 1) {
		const endNano = BigInt(endMs - Math.floor(random() * 2 * hourMs)) * 1_000_000n;
		const [first, second] = [pick(causes), pick(causes)];
		const own = random() < 0.2 ? [first, ...(second.service === first.service ? [second] : [])] : [first];
		const span: PlainSpan = {
			traceId: pick(traces),
			spanId: hex(16),
			startUnixNano: endNano - 1_000_000n,
			endUnixNano: endNano,
			operation: pick(['GET /a', 'POST /b']),
			resource: {
				service: first.service,
				namespace: 'shop',
				environment: pick(['prod', 'test']),
				version: pick(['', 'v1', 'v2']),
			},
			events: [
				{ timeUnixNano: endNano, name: 'log' },
				...own.map((cause) => {
					const { message, stack } = cause.text(Math.floor(random() * 1_000));
					return {
						timeUnixNano: endNano,
						name: 'exception',
						attributes: [
							['exception.type', { stringValue: cause.type }] as const,
							['exception.message', { stringValue: message }] as const,
							...(stack === '' ? [] : [['exception.stacktrace', { stringValue: stack }] as const]),
						],
					};
				}),
			],
		};
		own.forEach((cause, event) => labelled.push({ span, cause: `${cause.service} ${cause.label}`, event }));
	}
	return labelled;
}

/** The same numbers, counted by hand. `causeOf` may make one of several causes. */
export function expected(
	labelled: readonly Labelled[],
	scope: WindowScope,
	causeOf: (cause: string) => string = (cause) => cause,
) {
	const inScope = labelled.filter(
		({ span }) =>
			within(scope.window, span) &&
			(scope.environment === undefined || span.resource?.environment === scope.environment),
	);
	return [...Map.groupBy(inScope, ({ cause }) => causeOf(cause))]
		.map(([cause, all]) => {
			const points = new Map<number, number>();
			for (const { span } of all) {
				const step = Math.floor(timeMs(span) / stepMs) * stepMs;
				points.set(step, (points.get(step) ?? 0) + 1);
			}
			return {
				service: cause.split(' ')[0],
				count: all.length,
				traces: new Set(all.map(({ span }) => span.traceId)).size,
				firstMs: Math.min(...all.map(({ span }) => timeMs(span))),
				lastMs: Math.max(...all.map(({ span }) => timeMs(span))),
				versions: [...new Set(all.map(({ span }) => span.resource?.version ?? ''))].filter((v) => v !== '').sort(),
				points: [...points].sort(([a], [b]) => a - b),
			};
		})
		.sort(byCount);
}

interface Counted {
	service: string | undefined;
	count: number;
	firstMs: number;
}
export const byCount = (a: Counted, b: Counted) => b.count - a.count || a.firstMs - b.firstMs;
