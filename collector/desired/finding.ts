/** Something wrong, or doubtful, at a place within a document. */
export interface Finding {
	level: 'error' | 'warning';
	/** Keys and indexes from the root of the document. */
	path: readonly PropertyKey[];
	/** Within the text that stands there, in UTF-16 units. */
	offset?: number;
	/** What is wrong is the key that `path` ends with rather than its value. */
	atKey?: true;
	/** As it stands in the file, shortened. */
	found: string;
	/** Completes the sentence "expected …". */
	expected: string;
}

const longest = 60;

/** Whatever was found, in a form for one line. */
export function describeFound(value: unknown): string {
	if (value === undefined) return 'nothing';
	if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
	if (typeof value === 'object' && value !== null) return 'a group of fields';
	const text = JSON.stringify(value) ?? typeof value;
	return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

export const pathText = (path: readonly PropertyKey[]): string => path.map(String).join('.');

/** One sentence: where, what was found, what was expected. */
export const findingText = ({ path, found, expected }: Finding): string =>
	`${pathText(path) || 'the document'}: found ${found}, expected ${expected}`;
