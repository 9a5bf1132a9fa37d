import { NOW_MS } from './now.ts';
import type { SeriesAnswer } from '../../schema/api-measures.ts';

const window = { fromMs: NOW_MS - 3_600_000, toMs: NOW_MS };

const oneSeries = (value: number, requests: number) => ({
	requests,
	value,
	points: Array.from({ length: 60 }, (_, i) => ({
		tMs: window.fromMs + i * 60_000,
		value: i === 20 ? null : value * (1 + Math.sin(i / 6 + value) / 3),
	})),
});

export const seriesAnswer = (facts: Partial<SeriesAnswer> = {}): SeriesAnswer => ({
	window,
	stepMs: 60_000,
	unit: 'perSecond',
	series: ['shop/frontend', 'shop/checkout', 'shop/cart', ''].map((service, i) => ({
		...oneSeries(40 - i * 9, 144_000 - i * 30_000),
		group: { service },
	})),
	other: oneSeries(2, 7_200),
	...facts,
});
