/** Text that comes from outside may be any bytes; what is stored must be UTF-8, for ClickHouse, JSON and the screen alike. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

/** Smallest and largest second byte after a lead byte: excludes overlong forms, surrogates and what lies beyond U+10FFFF (Unicode 16, table 3-7). */
function secondByteFits(lead: number, second: number): boolean {
	if (lead === 0xe0) return second >= 0xa0;
	if (lead === 0xed) return second <= 0x9f;
	if (lead === 0xf0) return second >= 0x90;
	if (lead === 0xf4) return second <= 0x8f;
	return true;
}

function sequenceLength(lead: number): number {
	if (lead >= 0xc2 && lead <= 0xdf) return 2;
	if (lead >= 0xe0 && lead <= 0xef) return 3;
	if (lead >= 0xf0 && lead <= 0xf4) return 4;
	return 0;
}

export function isUtf8(bytes: Uint8Array, start: number, end: number): boolean {
	let at = start;
	while (at < end) {
		const lead = bytes[at] as number;
		if (lead < 0x80) {
			at++;
			continue;
		}
		const length = sequenceLength(lead);
		if (length === 0 || at + length > end) return false;
		if (!secondByteFits(lead, bytes[at + 1] as number)) return false;
		for (let i = 1; i < length; i++) {
			if (!isContinuation(bytes[at + i])) return false;
		}
		at += length;
	}
	return true;
}

/** The same text with U+FFFD for whatever is not UTF-8. */
export const replaceInvalid = (bytes: Uint8Array, start: number, end: number): Uint8Array =>
	encoder.encode(decoder.decode(bytes.subarray(start, end)));

/** The end of the longest piece of at most `maxBytes` that does not cut inside a sequence. */
export function cutEnd(bytes: Uint8Array, start: number, end: number, maxBytes: number): number {
	if (end - start <= maxBytes) return end;
	let cut = start + maxBytes;
	// A sequence has at most three continuation bytes; more of them are not UTF-8 and may be cut anywhere.
	for (let back = 0; back < 3 && cut > start && isContinuation(bytes[cut]); back++) cut--;
	return isContinuation(bytes[cut]) ? start + maxBytes : cut;
}
