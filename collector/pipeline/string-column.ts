import type { DictionaryColumn, StringColumn } from '../../schema/span-block.ts';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Where the bytes of a row begin, behind the length of its frame. They end at `column.ends[row]`. */
export function contentStart(column: StringColumn, row: number): number {
	let at = row === 0 ? 0 : (column.ends[row - 1] ?? 0);
	while ((column.bytes[at] ?? 0) > 0x7f) at++;
	return at + 1;
}

export const textAt = (column: StringColumn, row: number): string =>
	decoder.decode(column.bytes.subarray(contentStart(column, row), column.ends[row]));

export const dictionaryTextAt = (column: DictionaryColumn, row: number): string =>
	textAt(column.dictionary, column.ids[row] ?? 0);
