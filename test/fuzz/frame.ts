/** A case of two bodies, and of what is to be done with them: a byte, the length of the first, the first, the second. */
export function framed(mark: number, first: Uint8Array, second: Uint8Array = new Uint8Array()): Uint8Array {
	const head = Buffer.alloc(5);
	head.writeUInt8(mark, 0);
	head.writeUInt32LE(first.length, 1);
	return Buffer.concat([head, first, second]);
}

export function unframed(input: Uint8Array): { mark: number; first: Buffer; second: Buffer } {
	const frame = Buffer.from(input.buffer, input.byteOffset, input.byteLength);
	const end = 5 + frame.readUInt32LE(1);
	return { mark: frame.readUInt8(0), first: frame.subarray(5, end), second: frame.subarray(end) };
}

export function isJsonObject(json: Uint8Array): boolean {
	try {
		const value: unknown = JSON.parse(new TextDecoder().decode(json));
		return typeof value === 'object' && value !== null && !Array.isArray(value);
	} catch {
		return false;
	}
}
