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

export interface DamagePlace {
	/** Byte of the inflated body at which the damage was seen. */
	offset?: number;
	/** Path of the field, for instance `resourceSpans[0].scopeSpans[0].spans[3].traceId`, where it is known. */
	field?: string;
}
