/** Bytes of the spool that don't say what they should: where, what was found, what was expected. */
export class RecordError extends Error {
	override readonly name = 'RecordError';
	readonly code = 'SPOOL_RECORD_INVALID';
}
