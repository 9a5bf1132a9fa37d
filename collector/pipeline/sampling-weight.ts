const THRESHOLD_DIGITS = 14;
const WHOLE = 1n << 56n;

/**
 * How many spans this one stands for: the rejection threshold `th` in the `ot` member of tracestate.
 * Source: OpenTelemetry specification, trace/tracestate-handling.md and trace/tracestate-probability-sampling.md.
 */
export function samplingWeight(traceState: string): number {
	for (const member of traceState.split(',')) {
		const [key, value] = splitOnce(member.trim(), '=');
		if (key === 'ot') return weightOf(value);
	}
	return 1;
}

function weightOf(value: string): number {
	if (value.length > 256) return 1;
	for (const field of value.split(';')) {
		const [key, digits] = splitOnce(field, ':');
		if (key !== 'th') continue;
		if (!/^[0-9a-f]{1,14}$/.test(digits)) return 1;
		const threshold = BigInt(`0x${digits.padEnd(THRESHOLD_DIGITS, '0')}`);
		return Number(WHOLE) / Number(WHOLE - threshold);
	}
	return 1;
}

function splitOnce(text: string, separator: string): [string, string] {
	const at = text.indexOf(separator);
	return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
