/** Systems whose commands are sanitised by `sanitiseRedis` or `sanitiseCommand`. */
const SYSTEMS: ReadonlySet<string> = new Set(['redis', 'valkey', 'memcached']);
const LONGEST = 1024;
const SPACE = 0x20;
const TILDE = 0x7e;
const ZERO = 0x30;
const NINE = 0x39;

/**
 * Commands differ in the numbers of their keys, and each would be sanitised anew: `GET session:48213`, `GET session:48214`.
 * Their shape, `GET session:00000`, is sanitised to the same: behind its name, a command's words go by their place, and pieces
 * of them by whether they have more than two digits. Nothing else looks at the digits of a longer number.
 */
export class CommandShape {
	/** The shape that was written last begins here. */
	readonly bytes = new Uint8Array(LONGEST);

	/** Writes the shape of the text and returns its length, which is that of the text; 0 when it is better taken as it is. */
	write(system: string, source: Uint8Array, start: number, end: number): number {
		const length = end - start;
		if (length > LONGEST || !SYSTEMS.has(system) || !isPlainLine(source, start, end)) return 0;
		const shape = this.bytes;
		let digits = 0;
		for (let i = 0; i < length; i++) shape[i] = source[start + i] as number;
		for (let i = nameEnd(shape, length); i < length; i++) {
			digits = isDigit(shape[i] as number) ? digits + 1 : 0;
			if (digits >= 3) shape[i] = ZERO;
			if (digits === 3) shape[i - 1] = shape[i - 2] = ZERO;
		}
		return length;
	}
}

const isDigit = (byte: number): boolean => byte >= ZERO && byte <= NINE;

/** Each of several lines has a name, and what counts as a blank is clear in ASCII alone. */
function isPlainLine(bytes: Uint8Array, start: number, end: number): boolean {
	for (let i = start; i < end; i++) {
		if ((bytes[i] as number) < SPACE || (bytes[i] as number) > TILDE) return false;
	}
	return true;
}

function nameEnd(bytes: Uint8Array, length: number): number {
	let at = 0;
	while (at < length && bytes[at] === SPACE) at++;
	while (at < length && bytes[at] !== SPACE) at++;
	return at;
}
