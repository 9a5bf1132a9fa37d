import type { Unit } from '../../../schema/api-alerts.ts';

const durations: readonly [nano: number, unit: string][] = [
	[3_600e9, 'h'],
	[60e9, 'min'],
	[1e9, 's'],
	[1e6, 'ms'],
	[1e3, 'µs'],
];

const short = (number: number): string => String(Number(number.toPrecision(3)));

/** A measured value for people: `912 ms`, `5.1 %`, `12.3/s`. */
export function writeQuantity(value: number | null, unit: Unit): string {
	if (value === null) return 'no data';
	switch (unit) {
		case 'nanoseconds': {
			const [nano, name] = durations.find(([nano]) => Math.abs(value) >= nano) ?? [1, 'ns'];
			return `${short(value / nano)} ${name}`;
		}
		case 'percent':
			return `${short(value)} %`;
		case 'perSecond':
			return `${short(value)}/s`;
		default:
			return short(value);
	}
}
