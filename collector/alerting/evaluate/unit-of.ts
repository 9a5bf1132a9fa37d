import type { Unit } from '../../../schema/api-alerts.ts';

/** The unit of a measure. Apart from how quantities are read, so that a chart can name it without the search language. */
export function unitOf(measure: string): Unit {
	if (measure === 'errorPercent') return 'percent';
	if (measure.endsWith('PerSecond')) return 'perSecond';
	if (measure === 'count') return 'count';
	return measure.startsWith('apdex(') ? 'ratio' : 'nanoseconds';
}
