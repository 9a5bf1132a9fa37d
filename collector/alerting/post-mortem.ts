import type { FiringDetail } from '../../schema/api-alerts.ts';
import { writeQuantity } from './evaluate/write-quantity.ts';

/** The beginning of a post-mortem, out of what is known of a firing. */
export function postMortem(firing: FiringDetail): string {
	const { title, services, severity, startedMs, endedMs, evidence, partial } = firing;
	const cut = partial === undefined ? '' : `\n\n${partial.seen} of ${partial.of} events: ${partial.reason}.`;
	const sections = [
		`# ${oneLine(title)}`,
		[
			`- Severity: ${severity}`,
			`- Services: ${services.map(code).join(', ') || 'unknown'}`,
			`- Began: ${time(startedMs)}`,
			`- Ended: ${endedMs === null ? 'not yet' : `${time(endedMs)}, after ${writeQuantity((endedMs - startedMs) * 1e6, 'nanoseconds')}`}`,
		].join('\n'),
		`## Impact\n\n${impact(firing)}`,
		`## Timeline\n\n${firing.timeline.map(({ tMs, kind, text, author }) => `- ${time(tMs)}: ${kind}${text === '' ? '' : `, ${oneLine(text)}`}${author === undefined ? '' : ` (${oneLine(author)})`}`).join('\n')}${cut}`,
		...(evidence === null
			? []
			: [`## What was different\n\n${differences(evidence)}`, `## Traces\n\n${traces(evidence)}`]),
		'## Cause\n\n',
		'## What we learn\n\n- \n',
	];
	return `${sections.join('\n\n').trimEnd()}\n`;
}

const time = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** Telemetry decides what stands here: it stays text. */
const oneLine = (text: string): string => text.replace(/\s+/g, ' ').replace(/[\\`*_[\]<>#|]/g, '\\$&');
const code = (text: string): string => `\`${text.replace(/[`\r\n]/g, ' ')}\``;
const percent = (ratio: number): string => writeQuantity(100 * ratio, 'percent');

function impact({ evidence, budgetLeftRatio }: FiringDetail): string {
	const lines: string[] = [];
	if (evidence !== null) {
		lines.push(`- ${Math.round(evidence.requests)} of ${Math.round(evidence.ofRequests)} requests when it fired`);
		if (evidence.users !== null) lines.push(`- ${evidence.users} users`);
	}
	if (budgetLeftRatio !== null) lines.push(`- ${percent(budgetLeftRatio)} of the error budget was left`);
	return lines.join('\n') || 'Unknown.';
}

function differences({ differences: found, comparedWith, change }: NonNullable<FiringDetail['evidence']>): string {
	const [these, others] =
		comparedWith === 'hourBefore'
			? ['since it began', 'in the hour before']
			: ['of those that violated', 'of the rest'];
	const lines = found
		.slice(0, 5)
		.map(
			({ key, value, selectedRatio, restRatio }) =>
				`- ${code(`${key}: ${value}`)}: ${percent(selectedRatio)} ${these}, ${percent(restRatio)} ${others}`,
		);
	if (change !== null) lines.push(`- The change before: ${oneLine(change.title)}, ${time(change.tMs)}`);
	return lines.join('\n') || 'Nothing that was recorded.';
}

function traces({ violating, good }: NonNullable<FiringDetail['evidence']>): string {
	const line = (name: string, sample: typeof good) =>
		sample === null
			? []
			: [
					`- ${name}: ${code(sample.traceId)}, ${oneLine(sample.operation)}, ${writeQuantity(sample.durationNano, 'nanoseconds')}`,
				];
	return [...line('Violating', violating), ...line('Good', good)].join('\n') || 'None.';
}
