import type { Api, QueryParameters } from '../../lib/api.ts';
import { msOfNano } from '../../lib/unix-nano.ts';
import type { HeatDot } from '../../charts/paint-heatmap.ts';
import type { SpansAnswer } from '../../../schema/api.ts';

/** Of so many spans and more, single ones can't be told apart. */
export const MOST_DOTS = 2_000;
const PAGE = 1_000;

/** Every span of a query that finds few. */
export async function readDots(api: Api, query: QueryParameters, signal: AbortSignal): Promise<HeatDot[]> {
	const dots: HeatDot[] = [];
	let place: QueryParameters = {};
	while (dots.length < MOST_DOTS) {
		const page = await api.get<SpansAnswer>('/spans', { ...query, ...place, limit: PAGE }, signal);
		for (const { startUnixNano, durationNano, error } of page.spans) {
			dots.push({ endMs: msOfNano(startUnixNano) + durationNano / 1e6, durationNano, error });
		}
		if (page.nextCursor === undefined) break;
		place = { cursor: page.nextCursor, from: page.window.fromMs, to: page.window.toMs };
	}
	return dots;
}
