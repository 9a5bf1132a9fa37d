import { nearestEdge, upperEdgeNano } from '../../schema/histogram.ts';
import { ProblemError } from '../problem.ts';

const unitNano: Record<string, number> = { us: 1e3, ms: 1e6, s: 1e9, m: 60e9 };

/** `500ms` as the edge of a bucket nearest to it, and the threshold that this edge is. Nothing when it was not asked for. */
export function apdexThreshold(text: string | undefined): {
	filter: { apdexBucket?: number };
	shown: { apdexThresholdNano?: number };
} {
	if (text === undefined) return { filter: {}, shown: {} };
	const [, amount = '', unit = ''] = /^(\d{1,9}(?:\.\d{1,6})?)(us|ms|s|m)$/.exec(text) ?? [];
	const nano = Number(amount) * (unitNano[unit] ?? 0);
	if (!(nano > 0)) {
		const expected = 'a duration with one of the units us ms s m, such as 500ms';
		throw new ProblemError(400, 'BAD_APDEX', `apdex is ${JSON.stringify(text)}; expected ${expected}`, { expected });
	}
	const apdexBucket = nearestEdge(nano);
	return { filter: { apdexBucket }, shown: { apdexThresholdNano: upperEdgeNano(apdexBucket) } };
}
