import { NOW_MS } from './now.ts';
import type { OperationPathAnswer, OperationPathGroup } from '../../schema/api-operation-path.ts';

const HOUR_MS = 3_600_000;
const MS = 1e6;

export const pathPart = (service: string, operation: string, nano: number, ratio: number, beforeNano = nano) => ({
	service,
	operation,
	nano,
	ratio,
	beforeNano,
	beforeRatio: ratio,
});

const sample = (traces: number, of: number, fromMs: number, toMs: number, meanMs: number) => ({
	traces,
	of,
	fromNano: fromMs * MS,
	toNano: toMs * MS,
	meanNano: meanMs * MS,
});

const typical: OperationPathGroup = {
	now: sample(500, 1_200, 11, 13, 12),
	before: sample(500, 1_100, 11, 13, 12),
	parts: [
		pathPart('shop/checkout', 'POST /checkout', 6 * MS, 0.5),
		pathPart('shop/checkout', 'SELECT orders', 4 * MS, 0.33),
		pathPart('shop/checkout', 'warm up', 2 * MS, 0.17),
	],
};
const slow: OperationPathGroup = {
	now: sample(300, 300, 400, 2_400, 800),
	before: sample(280, 280, 60, 130, 90),
	parts: [
		pathPart('shop/checkout', 'SELECT orders', 700 * MS, 0.875, 20 * MS),
		pathPart('shop/checkout', 'POST /checkout', 90 * MS, 0.1125),
		pathPart('shop/payment', 'charge', 10 * MS, 0.0125),
	],
};

export const operationPathAnswer = (facts: Partial<OperationPathAnswer> = {}): OperationPathAnswer => ({
	window: { fromMs: NOW_MS - HOUR_MS, toMs: NOW_MS },
	before: { fromMs: NOW_MS - 2 * HOUR_MS, toMs: NOW_MS - HOUR_MS },
	typical,
	slow,
	partial: { reason: 'a sample of the spans, chosen by their ids', seen: 800, of: 1_500 },
	...facts,
});
