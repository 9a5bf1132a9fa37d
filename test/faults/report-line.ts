import { describeBound } from './bound.ts';
import type { ScenarioReport } from './scenario.ts';

/** What a fault came to, on one line. */
export function reportLine(report: ScenarioReport): string {
	const { name, rounds, kills, acknowledged, lost, doubled, logs, refused, broken, peakBytes, seconds } = report;
	return [
		`${name}: ${rounds} rounds in ${seconds.toFixed(0)} s, ${kills} kills`,
		`${acknowledged.toLocaleString('en')} spans acknowledged, ${lost} lost, ${doubled} doubled`,
		...(logs.acknowledged === 0
			? []
			: [`${logs.acknowledged.toLocaleString('en')} log records, ${logs.lost} lost, ${logs.doubled} doubled`]),
		`${refused} requests refused, ${broken} connections broken`,
		...report.bounds.map(describeBound),
		`at most ${(peakBytes / 2 ** 20).toFixed(0)} MiB`,
		...report.notes,
	].join('; ');
}
