/** The request is damaged as a whole: no part of it can be trusted. */
export class DecodeError extends Error {
	override readonly name = 'DecodeError';
	readonly code = 'OTLP_DECODE_FAILED';
	readonly where: DamagePlace;

	constructor(message: string, where: DamagePlace = {}) {
		super(message);
		this.where = where;
	}
}

/** The same error of a part of something larger, if it names a field of that part: those begin with a dot, or are empty. */
export function within(error: unknown, field: string): unknown {
	if (!(error instanceof DecodeError) || !/^(\.|$)/.test(error.where.field ?? 'elsewhere')) return error;
	return new DecodeError(`${field}${error.message}`, { field: `${field}${error.where.field}` });
}

export interface DamagePlace {
	/** Byte of the inflated body at which the damage was seen. */
	offset?: number;
	/** Path of the field, for instance `resourceSpans[0].scopeSpans[0].spans[3].traceId`, where it is known. */
	field?: string;
}
