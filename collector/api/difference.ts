import { z } from 'zod';
import { differenceAnswer, differenceBody } from '../../schema/api-difference.ts';
import type { TimeWindow } from '../../schema/api.ts';
import type { Brush, DifferenceAnswer, DifferenceBody } from '../../schema/api-difference.ts';
import { rankDifferences } from '../analysis/difference.ts';
import { keysOfQuery } from '../analysis/query-keys.ts';
import type { Difference, DifferenceReader } from '../store/search/difference-reader.ts';
import { ProblemError } from '../problem.ts';
import { compiledQuery, readQuery } from './compiled-query.ts';
import { route } from './route.ts';
import type { Route } from './route.ts';
import { windowScope } from './scope.ts';
import { readWindow } from './time-window.ts';

/** What tells the selected spans of a query from the rest of it. */
export function differenceRoutes(difference: DifferenceReader, clock: () => number): Route[] {
	return [
		route({
			method: 'post',
			path: '/difference',
			role: 'viewer',
			summary: 'What tells some spans of a query from the rest: every attribute, ranked by how much its values differ',
			query: z.object({ project: z.string().optional() }),
			body: differenceBody,
			answer: differenceAnswer,
			handle: async (c, query, body: DifferenceBody) => {
				const { query: selecting = '', ...brush } = body.selection;
				const scope = windowScope(c, { ...query, ...windowOf(body) }, clock());
				const selection = readQuery(selecting);
				const sides = sidesOf(scope.window, brush, body.against);
				const found = await difference.compare(
					{ ...scope, window: sides.window },
					compiledQuery(readQuery(body.query)),
					{ ...sides.selection, query: compiledQuery(selection, 's') },
				);
				const asked = new Set([...keysOfQuery(selection), ...keysOfBrush(brush)]);
				return c.json<DifferenceAnswer>({
					window: scope.window,
					selected: found.selected,
					rest: found.rest,
					...rankDifferences({ ...found, asked }),
					...partialOf(found),
				});
			},
		}),
	];
}

const windowOf = ({ from, to, env }: DifferenceBody) => ({
	...(from === undefined ? {} : { from: String(from) }),
	...(to === undefined ? {} : { to: String(to) }),
	...(env === undefined ? {} : { env }),
});

/**
 * Both sides lie in one window, as a query about structure looks for the other spans of a trace in it. Apart from that, what
 * is selected is only of the window that was asked about.
 */
function sidesOf(asked: TimeWindow, brush: Brush, against: TimeWindow | undefined) {
	if (against === undefined) return { window: asked, selection: brush };
	if (against.fromMs >= against.toMs || (against.fromMs < asked.toMs && asked.fromMs < against.toMs)) {
		const detail = `against (${against.fromMs} to ${against.toMs}) must not overlap with ${asked.fromMs} to ${asked.toMs}`;
		throw new ProblemError(400, 'BAD_WINDOW', detail);
	}
	const fromMs = Math.max(asked.fromMs, brush.fromMs ?? asked.fromMs);
	const toMs = Math.min(asked.toMs, brush.toMs ?? asked.toMs);
	const ends = [Math.min(asked.fromMs, against.fromMs), Math.max(asked.toMs, against.toMs)];
	const window = readWindow(String(ends[0]), String(ends[1]), 0);
	return { window, selection: { ...brush, fromMs, toMs, against } };
}

const keysOfBrush = ({ minNano, maxNano }: Brush): string[] =>
	minNano === undefined && maxNano === undefined ? [] : ['duration'];

function partialOf({ matching, selected, rest }: Difference): Pick<DifferenceAnswer, 'partial'> {
	const seen = selected + rest;
	if (seen >= matching) return {};
	return {
		partial: { reason: 'Chosen by a hash of the span id, so that shares are those of all.', seen, of: matching },
	};
}
