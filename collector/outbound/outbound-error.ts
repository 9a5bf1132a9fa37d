export type OutboundErrorCode =
	'BAD_TARGET' | 'ADDRESS_REFUSED' | 'NAME_NOT_FOUND' | 'TIMEOUT' | 'NO_CONNECTION' | 'CLOSED_EARLY' | 'BAD_SECRET';

/**
 * Why nothing was sent, or no answer came. The message stands on screens: it holds no path, no secret, no address that a name
 * resolved to, and nothing that the target answered.
 */
export class OutboundError extends Error {
	override readonly name = 'OutboundError';
	readonly code: OutboundErrorCode;

	constructor(code: OutboundErrorCode, message: string) {
		super(message);
		this.code = code;
	}
}
