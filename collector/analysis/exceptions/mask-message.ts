const LONGEST = 500;

/** What differs between two messages of one cause, most specific first. No expression repeats within a repetition. */
const MASKS: readonly [pattern: RegExp, mask: string][] = [
	[/\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s'"<>]+/gi, '{url}'],
	[/[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/g, '{email}'],
	[/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '{id}'],
	[/"[^"]*"/g, '{text}'],
	[/(?<![\w])'[^']*'(?![\w])/g, '{text}'],
	[/`[^`]*`/g, '{text}'],
	[/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g, '{address}'],
	[/\b0x[0-9a-f]+\b|@[0-9a-f]{4,16}\b/gi, '{id}'],
	[/\b(?=[0-9a-f]*[0-9])[0-9a-f]{8,}\b/gi, '{id}'],
	[/\d+(?:\.\d+)?/g, '{n}'],
];

/** A message without what makes it a new one each time: numbers, ids, addresses, quoted texts. Its first line, bounded. */
export function maskMessage(message: string): string {
	let text = (message.slice(0, LONGEST).split('\n', 1)[0] ?? '').trim();
	for (const [pattern, mask] of MASKS) text = text.replace(pattern, mask);
	return text;
}
