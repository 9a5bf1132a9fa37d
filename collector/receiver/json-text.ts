import { isAscii } from 'node:buffer';
import { DecodeError } from './decode-error.ts';

/** A number of 16 digits or more outside quotes may be larger than a double can tell. (Found inside quotes it costs time only.) */
const LONG_NUMBER = /[:[,]\s*-?[0-9]{16}/;
const WHOLE_NUMBER = /^-?[0-9]{1,20}$/;

/** JSON with whole numbers exact: those beyond 2^53 become bigint. */
export function parseJson(body: Uint8Array): unknown {
	const text = textOf(body);
	try {
		return LONG_NUMBER.test(text) ? (JSON.parse(text, exactNumber) as unknown) : (JSON.parse(text) as unknown);
	} catch (error) {
		if (error instanceof RangeError) throw new DecodeError('the body is nested too deep to be read exactly');
		if (!(error instanceof SyntaxError)) throw error;
		throw new DecodeError(`the body is not JSON: ${error.message}`, position(error.message));
	}
}

/** ASCII, which most bodies are, is copied as it is: several times as fast as decoding it. */
function textOf(body: Uint8Array): string {
	if (!isAscii(body)) return new TextDecoder('utf-8').decode(body);
	return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1');
}

function exactNumber(_key: string, value: unknown, context?: { source?: string }): unknown {
	if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
	const source = context?.source ?? '';
	return WHOLE_NUMBER.test(source) ? BigInt(source) : value;
}

/** The engine tells the place in its message alone. */
function position(message: string): { offset?: number } {
	const [, digits] = /at position (\d+)/.exec(message) ?? [];
	return digits === undefined ? {} : { offset: Number(digits) };
}
