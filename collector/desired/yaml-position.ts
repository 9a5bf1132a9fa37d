import { isAlias, isMap, isNode, isScalar, isSeq } from 'yaml';
import type { Document, LineCounter, Node, Scalar } from 'yaml';

/** From 1, as editors count. */
export interface Position {
	line: number;
	column: number;
}

interface Place {
	path: readonly PropertyKey[];
	offset?: number;
	atKey?: true;
}

/** Where a value stands in its file; where it is missing, the group that should hold it. */
export function positionOf(document: Document, counter: LineCounter, source: string, place: Place): Position {
	const { node, isWhole } = findNode(document, place);
	let at = node?.range?.[0] ?? document.contents?.range?.[0] ?? document.range?.[0] ?? 0;
	if (isWhole && place.offset !== undefined && isScalar(node)) at = offsetInScalar(node, source, place.offset);
	const { line, col } = counter.linePos(at);
	return { line: Math.max(1, line), column: Math.max(1, col) };
}

function findNode(document: Document, { path, atKey }: Place): { node: Node | undefined; isWhole: boolean } {
	let node: Node | null = document.contents;
	/** Of the last field on the way: where an empty or missing value is pointed at. */
	let lastKey: Node | undefined;
	for (const [index, step] of path.entries()) {
		const { key, value } = childOf(document, node, step);
		lastKey = key ?? lastKey;
		if (key !== undefined && atKey === true && index === path.length - 1) return { node: key, isWhole: true };
		if (value === undefined) return { node: lastKey ?? node ?? undefined, isWhole: false };
		node = value;
	}
	return { node: node ?? undefined, isWhole: true };
}

function childOf(document: Document, parent: Node | null, step: PropertyKey): { key?: Node; value?: Node } {
	const node = isAlias(parent) ? parent.resolve(document) : parent;
	if (isSeq(node)) {
		const value = node.items[Number(step)];
		return isNode(value) ? { value } : {};
	}
	if (!isMap(node)) return {};
	const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
	return {
		...(isNode(pair?.key) ? { key: pair.key } : {}),
		...(isNode(pair?.value) ? { value: pair.value } : {}),
	};
}

/**
 * Where a character of a scalar's value stands in the source. Quotes, escapes, indentation and folded line ends are in the
 * source and not in the value (or differently), so both are walked side by side.
 */
function offsetInScalar(scalar: Scalar, source: string, offset: number): number {
	const [start, end] = scalar.range ?? [0, 0];
	const value = String(scalar.value);
	let at = startOfText(scalar, source, start, end);
	for (let index = 0; index < offset && index < value.length && at < end; index += 1) {
		at += lengthInSource(scalar, source, at, value.slice(index, index + 2));
	}
	return Math.min(at, end);
}

/** Of the first of these characters of the value. */
function lengthInSource({ type }: Scalar, source: string, at: number, value: string): number {
	if (type === 'QUOTE_DOUBLE' && source[at] === '\\') return escapeLength(source, at);
	if (type === 'QUOTE_SINGLE' && source.startsWith("''", at)) return 2;
	return /\s/.test(source[at] ?? '') ? spaceLength(source, at, value) : 1;
}

function startOfText({ type }: Scalar, source: string, start: number, end: number): number {
	if (type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE') return start + 1;
	if (type !== 'BLOCK_LITERAL' && type !== 'BLOCK_FOLDED') return start;
	const header = source.indexOf('\n', start);
	return header === -1 || header >= end ? start : header + 1 + indentation(source, header + 1);
}

const indentation = (source: string, at: number): number => /[ \t]*/y.exec(source.slice(at))?.[0].length ?? 0;

/** One character of white space of the value: itself, or a line end with the indentation after it. */
function spaceLength(source: string, at: number, value: string): number {
	if (source[at] !== '\n' && source[at] !== '\r') {
		const rest = /^[ \t]*(?=\r?\n)/.exec(source.slice(at))?.[0].length ?? 0;
		const isFolded = rest > 0 && value[1] !== ' ';
		if (!isFolded) return 1;
		return rest + lineEnd(source, at + rest);
	}
	return lineEnd(source, at);
}

function lineEnd(source: string, at: number): number {
	const length = source[at] === '\r' ? 2 : 1;
	return length + indentation(source, at + length);
}

function escapeLength(source: string, at: number): number {
	const digits = { x: 2, u: 4, U: 8 }[source[at + 1] ?? ''] ?? 0;
	return 2 + digits;
}
