/** Answers for the search screen. */
import { NOW_MS } from './now.ts';
import type { FacetsAnswer } from '../../schema/api-attributes.ts';
import type { DifferenceAnswer, DifferingValue } from '../../schema/api-difference.ts';
import type { LatencyHistogramAnswer } from '../../schema/api-measures.ts';
import type { SpanRow, SpansAnswer } from '../../schema/api.ts';

const HOUR_MS = 3_600_000;
const MS = 1e6;
const window = { fromMs: NOW_MS - HOUR_MS, toMs: NOW_MS };

export const facetsAnswer = (url: URL): FacetsAnswer => ({
	window,
	facets: (url.searchParams.get('keys') ?? '').split(',').map((key) => {
		const values =
			key === 'service'
				? ['shop/checkout', 'shop/payment', 'shop/cart', 'shop/search', 'shop/mail', 'shop/stock', 'shop/web']
				: key === 'error'
					? ['false', 'true']
					: key === 'env'
						? []
						: [`${key} one`, `${key} two`];
		const found = values.filter((value) => value.includes(url.searchParams.get('find') ?? ''));
		return {
			key,
			spans: values.length * 400,
			distinct: values.length,
			values: found.map((value, i) => ({ value, spans: 1200 - i * 130 })),
		};
	}),
});

/** Buckets of about 10 ms and, in the second half, of about a second. */
export const searchHistogramAnswer = (facts: Partial<LatencyHistogramAnswer> = {}): LatencyHistogramAnswer => ({
	window,
	stepMs: 60_000,
	scale: 5,
	points: Array.from({ length: 60 }, (_, i) => ({
		tMs: window.fromMs + i * 60_000,
		buckets: i < 30 ? [740, 744, 748] : [740, 744, 748, 956],
		requests: i < 30 ? [40, 60 + i, 20] : [40, 60 + i, 20, 9],
		errors: i < 30 ? [0, 0, 0] : [0, 0, 0, 4],
	})),
	...facts,
});

export const differenceAnswer = (facts: Partial<DifferenceAnswer> = {}): DifferenceAnswer => ({
	window,
	selected: 412,
	rest: 38_120,
	attributes: [
		differing('version', 'v92', 404, 4574, { scope: 'field' }),
		differing('version', 'v91', 8, 33_546, { scope: 'field' }),
		differing('db.query.text', 'SELECT qty FROM stock WHERE sku = $1', 292, 3431),
		differing('http.route', '/cart/{id}', 200, 18_500, { leastScore: 0 }),
	],
	numbers: [
		{
			...differing('http.response.body.size', '', 300, 20_000),
			unit: 'number',
			score: 0.44,
			selectedMedian: 81_920,
			restMedian: 1024,
			bins: Array.from({ length: 24 }, (_, i) => ({ from: i, to: i + 1, selected: i * 2, rest: 900 - i * 30 })),
		},
	],
	leftOut: [{ key: 'request.id', reason: 'identifier' }],
	...facts,
});

const differing = (
	key: string,
	value: string,
	selected: number,
	rest: number,
	facts: Partial<DifferingValue> = {},
): DifferingValue => ({
	key,
	value,
	scope: 'span',
	selected,
	rest,
	selectedRatio: selected / 412,
	restRatio: rest / 38_120,
	score: selected / 412 - rest / 38_120,
	leastScore: 0.3,
	...facts,
});

export const spanRow = (i: number, facts: Partial<SpanRow> = {}): SpanRow => ({
	traceId: (i + 1).toString(16).padStart(32, '0'),
	spanId: (i + 1).toString(16).padStart(16, '0'),
	parentSpanId: '',
	service: 'shop/checkout',
	operation: 'POST /checkout',
	name: 'POST /checkout',
	kind: 'server',
	type: 'http',
	startUnixNano: `${NOW_MS - 60_000 * (i + 1)}000000`,
	durationNano: 900 * MS,
	status: i % 2 === 0 ? 'unset' : 'error',
	error: i % 2 === 1,
	...facts,
});

export const spansAnswer = (url: URL): SpansAnswer => {
	const keys = (url.searchParams.get('columns') ?? '').split(',').filter((key) => key !== '');
	const columns = keys.length === 0 ? {} : { columns: keys.map((key) => `${key} value`) };
	return { window, spans: [0, 1, 2].map((i) => spanRow(i, columns)) };
};
