import { unitOf } from '../../../collector/alerting/evaluate/unit-of.ts';
import { termOf } from '../../lib/query-text.ts';
import { boundText } from './threshold-stops.ts';

/** What is drawn, as far as a rule can begin from it. */
export interface AlertSubject {
	query: string;
	measure: string;
	spans?: 'entry' | 'all';
	/** Attributes, parted by commas. */
	by?: string;
	/** The value of the whole window, in the unit of the measure: a threshold is put above it. */
	value?: number | null;
}

/** A rule that fires at what is usual is no good start. */
const ABOVE_USUAL = 2;

/** Parameters of `/alerts/new`; the environment that the screen looks at is part of the query. */
export function alertAddress({
	query,
	measure,
	spans = 'entry',
	by,
	value,
	environment,
}: AlertSubject & { environment: string }) {
	const inside = query.includes(' OR ') ? `(${query})` : query;
	const rounded = value == null || value <= 0 ? undefined : Number((value * ABOVE_USUAL).toPrecision(1));
	return {
		q: environment === '' ? query : `${inside} ${termOf('env', environment)}`.trim(),
		measure: measure === 'p95' ? undefined : measure,
		spans: spans === 'entry' ? undefined : spans,
		by,
		bound: rounded === undefined ? undefined : boundText(rounded, unitOf(measure)),
	};
}
