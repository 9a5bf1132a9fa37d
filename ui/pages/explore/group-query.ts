import { isChoosable, withChoice } from '../../../schema/query-choose.ts';

interface Counted {
	q: string;
	spans: 'entry' | 'all';
}

/** The query narrowed to a group; undefined where a query of structure has no place for terms. */
export function queryOfGroup(q: string, group: Readonly<Record<string, string>>): string | undefined {
	if (!isChoosable(q)) return undefined;
	return Object.entries(group).reduce(
		(text, [key, value]) => (value === '' ? without(text, key) : withChoice(text, key, value, 'only')),
		q,
	);
}

/** The query that lists the spans that a series counts. */
export const listedQuery = ({ q, spans }: Counted): string =>
	spans === 'entry' && isChoosable(q) ? withChoice(q, 'entry', 'true', 'only') : q;

function without(text: string, key: string): string {
	if (text === '') return `-${key}:*`;
	return `${/\bOR\b/.test(text) ? `(${text})` : text} -${key}:*`;
}
