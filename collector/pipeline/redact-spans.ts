import type { DictionaryColumn, MapColumn, StringColumn } from '../../schema/span-block.ts';
import { SPAN_MARKS } from '../../schema/span-block.ts';
import type { DecodedSpans } from './decoded-spans.ts';
import { StringColumnBuilder } from './growable-columns.ts';
import { moveSecretNumbers } from './redact-numbers.ts';
import type { RedactionCounts } from './redaction-counts.ts';
import type { AttributeClass, Redaction, Redactor } from './redaction.ts';
import { REDACTED } from './redaction-rules.ts';
import { contentStart, textAt } from './string-column.ts';

/** Texts by their row that take the place of those which held secrets. */
type Replacements = ReadonlyMap<number, string>;

/** The `j` of a TaggedValue. What is within it is found by reading it. */
const JSON_TAG = 0x6a;
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** What the keys of a block say about their values. */
interface Keys {
	texts: readonly string[];
	classes: readonly AttributeClass[];
	hasSecrets: boolean;
}

/** Takes secrets out of all columns of a block before anything is derived from them. Resources and scopes are not columns. */
export class SpanRedactor {
	readonly #redactor: Redactor;

	constructor(redactor: Redactor) {
		this.#redactor = redactor;
	}

	/** Marks the spans that it changes, and counts what it found: texts that repeat within the request count once. */
	redact(spans: DecodedSpans, counts: RedactionCounts): DecodedSpans {
		const pass = new RedactionPass(this.#redactor, spans, counts);
		const { attributes, events, links } = spans;
		const numbers = pass.numbers(attributes);
		return {
			...spans,
			name: pass.names(spans.name, 'span name', (row) => row),
			traceState: pass.texts(spans.traceState, 'trace state', (row) => row),
			statusMessage: pass.texts(spans.statusMessage, 'status message', (row) => row),
			attributes: { ...numbers, string: pass.strings(numbers.string), other: pass.others(numbers.other) },
			events: {
				...events,
				name: pass.names(events.name, 'event name', (event) => rowOf(events.ends, event)),
				attributes: pass.tagged(events.attributes, events.ends),
			},
			links: {
				...links,
				traceState: pass.texts(links.traceState, 'trace state', (link) => rowOf(links.ends, link)),
				attributes: pass.tagged(links.attributes, links.ends),
			},
		};
	}
}

/** One block on its way. */
class RedactionPass {
	readonly #redactor: Redactor;
	readonly #marks: Uint32Array;
	readonly #counts: RedactionCounts;
	readonly #keys: Keys;

	constructor(redactor: Redactor, { attributeKeys, marks }: DecodedSpans, counts: RedactionCounts) {
		this.#redactor = redactor;
		this.#marks = marks;
		this.#counts = counts;
		const texts = Array.from(attributeKeys.ends, (_, key) => textAt(attributeKeys, key));
		const classes = texts.map((text) => redactor.classOf(text));
		this.#keys = { texts, classes, hasSecrets: classes.includes('secret') };
	}

	numbers(attributes: DecodedSpans['attributes']): DecodedSpans['attributes'] {
		if (!this.#keys.hasSecrets) return attributes;
		return moveSecretNumbers(attributes, this.#keys.classes, (row, key) => {
			this.#mark(row);
			this.#counts.add(this.#keys.texts[key] ?? '', 'attribute');
		});
	}

	strings(map: MapColumn<StringColumn>): MapColumn<StringColumn> {
		return this.#replace(map, this.#findInStrings(map), (entry) => rowOf(map.ends, entry));
	}

	others(map: MapColumn<StringColumn>): MapColumn<StringColumn> {
		return this.#replace(map, this.#findInJson(map), (entry) => rowOf(map.ends, entry));
	}

	/** Attributes of events or links, whose own rows `outerEnds` gives to the spans. */
	tagged(map: MapColumn<StringColumn>, outerEnds: Uint32Array): MapColumn<StringColumn> {
		return this.#replace(map, this.#findInTagged(map), (entry) => rowOf(outerEnds, rowOf(map.ends, entry)));
	}

	texts(column: StringColumn, where: string, spanOf: (row: number) => number): StringColumn {
		// One byte a row is the length 0 of an empty text.
		if (column.bytes.length === column.ends.length) return column;
		const found = this.#findInTexts(column, where);
		for (const row of found.keys()) this.#mark(spanOf(row));
		return replaceRows(column, found);
	}

	names(column: DictionaryColumn, where: string, spanOf: (row: number) => number): DictionaryColumn {
		const found = this.#findInTexts(column.dictionary, where);
		if (found.size === 0) return column;
		for (const [row, id] of column.ids.entries()) if (found.has(id)) this.#mark(spanOf(row));
		return { ids: column.ids, dictionary: replaceRows(column.dictionary, found) };
	}

	#mark(row: number): void {
		this.#marks[row] = (this.#marks[row] ?? 0) | SPAN_MARKS.redacted;
	}

	#replace(
		map: MapColumn<StringColumn>,
		found: Replacements,
		spanOf: (entry: number) => number,
	): MapColumn<StringColumn> {
		if (found.size === 0) return map;
		for (const entry of found.keys()) this.#mark(spanOf(entry));
		return { ...map, values: replaceRows(map.values, found) };
	}

	#findInTexts(column: StringColumn, where: string): Replacements {
		const found = new Map<number, string>();
		for (let row = 0; row < column.ends.length; row++) {
			const start = contentStart(column, row);
			const end = column.ends[row] as number;
			if (!this.#redactor.mayHoldSecret('text', column.bytes, start, end)) continue;
			const text = decoder.decode(column.bytes.subarray(start, end));
			const replaced = this.#count(where, this.#redactor.redact('', text));
			if (replaced !== undefined) found.set(row, replaced);
		}
		return found;
	}

	#findInStrings({ keys, values }: MapColumn<StringColumn>): Replacements {
		const found = new Map<number, string>();
		for (let entry = 0; entry < keys.length; entry++) {
			const replaced = this.#findInString(keys[entry] as number, values, entry);
			if (replaced !== undefined) found.set(entry, replaced);
		}
		return found;
	}

	#findInString(key: number, { bytes, ends }: StringColumn, entry: number): string | undefined {
		const end = ends[entry] as number;
		let start = (entry === 0 ? 0 : (ends[entry - 1] as number)) + 1;
		while ((bytes[start - 1] as number) > 0x7f) start++;
		if (!this.#redactor.mayHoldSecret(this.#keys.classes[key] as AttributeClass, bytes, start, end)) return undefined;
		const text = this.#keys.texts[key] ?? '';
		return this.#count(text, this.#redactor.redact(text, decoder.decode(bytes.subarray(start, end))));
	}

	#findInJson({ keys, values }: MapColumn<StringColumn>): Replacements {
		const found = new Map<number, string>();
		for (const [entry, key] of keys.entries()) {
			const text = this.#keys.texts[key] ?? '';
			const replaced = this.#count(text, this.#redactor.redactAnyValue(text, textAt(values, entry)));
			if (replaced !== undefined) found.set(entry, replaced);
		}
		return found;
	}

	#findInTagged({ keys, values }: MapColumn<StringColumn>): Replacements {
		const found = new Map<number, string>();
		for (const [entry, key] of keys.entries()) {
			const start = contentStart(values, entry);
			const end = values.ends[entry] as number;
			const attributeClass = this.#keys.classes[key] as AttributeClass;
			const isJson = values.bytes[start] === JSON_TAG;
			if (!isJson && !this.#redactor.mayHoldSecret(attributeClass, values.bytes, start + 1, end)) continue;
			const text = this.#keys.texts[key] ?? '';
			const tagged = decoder.decode(values.bytes.subarray(start, end));
			const replaced = this.#count(text, redactTagged(this.#redactor, text, tagged));
			if (replaced !== undefined) found.set(entry, replaced);
		}
		return found;
	}

	#count(where: string, redaction: Redaction | undefined): string | undefined {
		if (redaction !== undefined) this.#counts.add(where, redaction.rule);
		return redaction?.value;
	}
}

/** The same as the redactor does, for a value with its type in front. */
export function redactTagged(redactor: Redactor, key: string, tagged: string): Redaction | undefined {
	const tag = tagged.charAt(0);
	if (tag === 's' || tag === 'j') {
		const value = tagged.slice(1);
		const redaction = tag === 's' ? redactor.redact(key, value) : redactor.redactAnyValue(key, value);
		return redaction === undefined ? undefined : { ...redaction, value: tag + redaction.value };
	}
	// Numbers may be secrets by their key; true and false tell nobody anything.
	if (tag === 'b' || redactor.classOf(key) !== 'secret') return undefined;
	return { value: `s${REDACTED}`, rule: 'attribute' };
}

/** Row whose range holds the entry: the first that ends behind it. */
function rowOf(ends: Uint32Array, entry: number): number {
	let low = 0;
	let high = ends.length - 1;
	while (low < high) {
		const middle = (low + high) >>> 1;
		if ((ends[middle] as number) > entry) high = middle;
		else low = middle + 1;
	}
	return low;
}

function replaceRows(column: StringColumn, replacements: Replacements): StringColumn {
	if (replacements.size === 0) return column;
	const builder = new StringColumnBuilder();
	for (let row = 0; row < column.ends.length; row++) {
		const text = replacements.get(row);
		if (text === undefined) builder.append(column.bytes, contentStart(column, row), column.ends[row] as number);
		else builder.appendText(text);
	}
	return builder.finish();
}
