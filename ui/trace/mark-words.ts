/** What the receiver noted about a span, in words. Unknown ones are shown by their name. */
const WORDS: ReadonlyMap<string, string> = new Map([
	['clockAdjusted', 'Its end lies far from when it arrived; time ranges place it by its arrival.'],
	['neverEnded', 'It came without an end.'],
	['endBeforeStart', 'It ended before it began; its duration counts as 0.'],
	['cut', 'It was larger than the limits: attributes, events, links or values were cut.'],
	['redacted', 'A secret in it was replaced.'],
	['parentDropped', 'Its parent id was malformed and was dropped.'],
	['base64Id', 'Its ids came in base64 instead of hexadecimal.'],
]);

export const markWords = (mark: string): string => WORDS.get(mark) ?? mark;
