/** Filters that have a button: a word of the filter's text, so that text, buttons and address never disagree. */
export const FILTER_PILLS = [
	{ term: 'error:true', label: 'Errors', of: 'errors' },
	{ term: 'critical:true', label: 'Critical', of: 'critical' },
	{ term: 'slow:true', label: 'Slow', of: 'slow' },
	{ term: 'type:db', label: 'Database', of: 'database' },
] as const;

export const hasTerm = (text: string, term: string): boolean => text.split(/\s+/).includes(term);

export function toggleTerm(text: string, term: string): string {
	const words = text.split(/\s+/).filter((word) => word !== '');
	return (words.includes(term) ? words.filter((word) => word !== term) : [...words, term]).join(' ');
}
