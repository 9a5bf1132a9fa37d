import { createQuery } from '@tanstack/svelte-query';
import { parseQuery } from '../../../schema/query-language.ts';
import type { ServiceMapAnswer } from '../../../schema/api-service-map.ts';
import type { TimeWindow } from '../../../schema/api.ts';
import { refusedSearch } from '../../lib/api.ts';
import type { AppParts } from '../../lib/app.ts';
import { windowQuery } from '../../lib/queries.ts';
import { slicesOf, withFiguresOf } from './map-slices.ts';

/** The map of the window, or with the figures of a slice of it. `f`: of the traces that it finds, once it can be read. */
export function readMap(app: AppParts, asked: () => { f: string; slice: number | undefined }) {
	const q = $derived(asked().f !== '' && parseQuery(asked().f).kind === 'query' ? asked().f : undefined);
	const map = createQuery(() => windowQuery<ServiceMapAnswer>(app, '/service-map', { q }));
	const slices = $derived(map.data === undefined ? [] : slicesOf(map.data.window));
	/** None where the address names a moment outside the window. */
	const slice = $derived(
		slices.find(({ fromMs, toMs }) => {
			const at = asked().slice;
			return at !== undefined && fromMs <= at && at < toMs;
		}),
	);
	const ofSlice = createQuery(() => ({
		...windowQuery<ServiceMapAnswer>(app, '/service-map', {
			q,
			...(slice && { from: slice.fromMs, to: slice.toMs }),
		}),
		enabled: slice !== undefined,
	}));
	/** Where things lie is of the whole window: going through it moves nothing. */
	const answer = $derived(
		slice !== undefined && map.data !== undefined && ofSlice.data !== undefined
			? withFiguresOf(map.data, ofSlice.data)
			: map.data,
	);
	const refused = $derived(refusedSearch(map.error));
	return {
		map,
		ofSlice,
		/** What the server finds wrong with `f`: told there, and not as a failure. */
		get refused() {
			return refused;
		},
		get of(): string {
			return q ?? '';
		},
		get slices(): TimeWindow[] {
			return slices;
		},
		get slice(): TimeWindow | undefined {
			return slice;
		},
		get answer(): ServiceMapAnswer | undefined {
			return answer;
		},
		get isStale(): boolean {
			return map.isError || map.isPlaceholderData || (slice !== undefined && ofSlice.isPlaceholderData);
		},
		retry(): void {
			void map.refetch();
			if (slice !== undefined) void ofSlice.refetch();
		},
	};
}
