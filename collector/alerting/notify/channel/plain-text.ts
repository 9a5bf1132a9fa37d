/**
 * Control characters, line and paragraph separators, and what turns the direction of writing around: text from telemetry must
 * not begin a header, a line or a sentence of its own.
 */
// oxlint-disable-next-line no-control-regex
const unruly = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+/g;

/** On one line, of at most so many characters. */
export function oneLine(text: string, longest: number): string {
	const line = text
		.slice(0, 4 * longest)
		.replaceAll(unruly, ' ')
		.trim()
		.toWellFormed();
	return line.length > longest ? `${line.slice(0, longest - 1).toWellFormed()}…` : line;
}
