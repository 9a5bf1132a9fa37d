import {
	choiceParameter,
	flagParameter,
	integerParameter,
	patternParameter,
	sortParameter,
	textParameter,
} from '../lib/query-state.ts';
import type { Parameter } from '../lib/query-state.ts';

/** A stretch of the trace in nanoseconds after its start. */
export interface TimeSpan {
	from: number;
	to: number;
}

const spanIdParameter: Parameter<string> = {
	fallback: '',
	decode: (text) => (/^[0-9a-fA-F]{16}$/.test(text) ? text.toLowerCase() : undefined),
	encode: (id) => (id === '' ? null : id),
};

const zoomParameter: Parameter<TimeSpan | undefined> = {
	fallback: undefined,
	decode: (text) => {
		const [, from, to] = /^(\d{1,15})-(\d{1,15})$/.exec(text) ?? [];
		return from !== undefined && Number(from) < Number(to) ? { from: Number(from), to: Number(to) } : undefined;
	},
	encode: (zoom) => (zoom === undefined ? null : `${Math.floor(zoom.from)}-${Math.ceil(zoom.to)}`),
};

/** Rows that stay on top; more than these would leave no room. */
const pinsParameter: Parameter<readonly string[]> = {
	fallback: [],
	decode: (text) => {
		const ids = text.split(',').map((id) => spanIdParameter.decode(id));
		return ids.length <= 8 && ids.every((id) => id !== undefined) ? ids : undefined;
	},
	encode: (ids) => (ids.length === 0 ? null : ids.join(',')),
};

export const TRACE_VIEWS = ['waterfall', 'flame', 'table', 'logs', 'graph', 'json'] as const;
export type TraceViewName = (typeof TRACE_VIEWS)[number];

export const GROUP_SORTS = ['label', 'count', 'total', 'self', 'average', 'p50', 'p95', 'longest', 'errors'] as const;
export type GroupSort = (typeof GROUP_SORTS)[number];

/** Lists beside the picture. */
export const TRACE_LISTS = ['', 'path', 'errors', 'mark'] as const;

/** What the address of a trace says, besides its id. */
export const traceQuery = {
	/** Unix milliseconds of the trace's last known end, where the server looks first. */
	at: integerParameter(0, 8.64e15),
	/** The span whose details are open. */
	span: spanIdParameter,
	z: zoomParameter,
	/** Filter over the spans, in the search language. */
	f: textParameter(),
	/** Hides what the filter doesn't match, except ancestors. */
	only: flagParameter(),
	/** The span whose subtree alone is shown. */
	root: spanIdParameter,
	/** A marked stretch of time. */
	mark: zoomParameter,
	pin: pinsParameter,
	list: choiceParameter(TRACE_LISTS, ''),
	/** In Unix nanoseconds: the logs are shown from there. */
	moment: patternParameter(/^\d{1,19}$/),
	v: choiceParameter(TRACE_VIEWS, 'waterfall'),
	/** What the table groups by: `service`, `operation`, `name`, `kind`, `type`, or `attribute:KEY`. */
	by: textParameter('operation'),
	sort: sortParameter(GROUP_SORTS, '-self'),
	/** The flame chart as a table. */
	twin: flagParameter(),
};
