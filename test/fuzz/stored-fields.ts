import type protobuf from 'protobufjs';
import { parseFields, parseWhatIsWhole, type WireField } from './wire-tree.ts';

/**
 * The fields of a request that was taken. Only what isn't stored may be damaged, for nobody reads it: the inside of a
 * span with an invalid id, the resource or scope of no span, an attribute that another with its key replaces. That is left
 * out here; any other damage throws.
 */
export function readStored(body: Uint8Array, type: protobuf.Type): WireField[] {
	try {
		return parseFields(body, type);
	} catch (error) {
		const fields = parseWhatIsWhole(body, type);
		if (fields === undefined) throw error;
		return fields.map(whole).map((each) => withMessage(each, resourceSpans));
	}
}

function whole(field: WireField): WireField {
	if (field.type !== undefined && field.message === undefined) {
		throw new Error(`a damaged ${field.type.name} was taken`);
	}
	return field;
}

const isBroken = ({ type, message }: WireField): boolean => type !== undefined && message === undefined;

const withMessage = (field: WireField, change: (fields: WireField[]) => WireField[]): WireField =>
	field.message === undefined ? field : { ...field, message: change(field.message) };

/** Field 1 is the resource or scope, field 2 holds spans. */
function resourceSpans(fields: WireField[]): WireField[] {
	const inner = fields.map((each) => (each.field === 2 ? withMessage(whole(each), scopeSpans) : each));
	const spans = inner.flatMap(({ field, message }) => (field === 2 ? (message ?? []) : []));
	return withSource(
		inner,
		spans.filter(({ field }) => field === 2),
	);
}

function scopeSpans(fields: WireField[]): WireField[] {
	const inner = fields.map((each) => (each.field === 2 ? withMessage(whole(each), spanFields) : each));
	return withSource(
		inner,
		inner.filter(({ field }) => field === 2),
	);
}

/** A resource or scope that comes in pieces is one. */
function withSource(fields: WireField[], spans: readonly WireField[]): WireField[] {
	const isStored = spans.some(({ message }) => hasValidIds(message ?? []));
	const pieces = fields.filter(({ field, type }) => field === 1 && type !== undefined);
	const [first] = pieces;
	if (first === undefined) return fields;
	if (isStored) pieces.forEach(whole);
	const inner = pieces.flatMap(({ message }) => message ?? []);
	const merged = { ...first, message: isStored ? attributeFields(inner) : inner.filter((each) => isDeepWhole(each)) };
	return [merged, ...fields.filter((each) => !pieces.includes(each))];
}

function spanFields(fields: WireField[]): WireField[] {
	if (!hasValidIds(fields)) return fields.filter((each) => isDeepWhole(each));
	return attributeFields(
		fields.map((each) => {
			if (each.field === 13) return withMessage(whole(each), linkFields);
			return each.field === 11 ? withMessage(whole(each), attributeFields) : each;
		}),
	);
}

/** One that leads nowhere is dropped and counted. */
const linkFields = (fields: WireField[]): WireField[] =>
	hasWholeIds(fields) ? attributeFields(fields) : fields.filter((each) => isDeepWhole(each));

/**
 * Attributes may be damaged when they have no key or one that is too long, when a later one has it, and beyond the limits;
 * what else lies beside them may not.
 */
function attributeFields(fields: WireField[]): WireField[] {
	const keys = fields.map((each) => (each.type?.name === 'KeyValue' ? keyOf(each) : undefined));
	return fields.map(withLastValue).flatMap((each, index) => {
		if (isDeepWhole(each)) return [each];
		const key = keys[index];
		// They are counted, so the key has to stay.
		if (key === '' || (key !== undefined && Buffer.byteLength(key) > maxKeyBytes))
			return [{ ...each, message: each.message?.filter(({ field }) => field === 1) }];
		const isReplaced = key !== undefined && keys.indexOf(key, index + 1) >= 0;
		if (isReplaced || (key !== undefined && index >= maxAttributes) || depthOf(each) > maxValueDepth) return [];
		throw new Error(`a damaged ${each.type?.name} was taken`);
	});
}

/** Of several values the last one counts, and those before it are not read. */
function withLastValue(field: WireField): WireField {
	const isValue = ({ field: number }: WireField) => field.type?.name === 'AnyValue' || number === 2;
	if (field.type?.name !== 'KeyValue' && field.type?.name !== 'AnyValue')
		return withMessage(field, (all) => all.map(withLastValue));
	return withMessage(field, (all) => {
		const last = all.findLastIndex((each) => isValue(each) && each.field <= 7);
		return all.filter((each, index) => index >= last || !isValue(each) || isDeepWhole(each)).map(withLastValue);
	});
}

const maxAttributes = 512;
const maxKeyBytes = 1_024;
/** Below it the rest of a value is cut away unread; two messages make a level. */
const maxValueDepth = 64;

const depthOf = ({ message }: WireField): number =>
	message === undefined ? 0 : 1 + Math.max(0, ...message.map(depthOf));

const keyOf = ({ message }: WireField): string | undefined =>
	message === undefined
		? undefined
		: Buffer.from(message.findLast(({ field, wire }) => field === 1 && wire === 2)?.bytes ?? []).toString();

const isDeepWhole = (field: WireField): boolean => !isBroken(field) && (field.message ?? []).every(isDeepWhole);

const idOf = (fields: readonly WireField[], number: number): Uint8Array =>
	fields.findLast(({ field }) => field === number)?.bytes ?? new Uint8Array();

const hasWholeIds = (fields: readonly WireField[]): boolean =>
	idOf(fields, 1).length === 16 && idOf(fields, 2).length === 8;

const hasValidIds = (fields: readonly WireField[]): boolean =>
	hasWholeIds(fields) && [1, 2].every((number) => idOf(fields, number).some((byte) => byte !== 0));
