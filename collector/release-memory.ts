/**
 * Gives the memory behind the bytes back at once; nothing may use it afterwards. Left to the garbage collector it would
 * work as well, but V8 runs a whole collection for every few dozen mebibytes of buffers, and that took a sixth of the
 * processor time of an ingest. Memory that is shared with other bytes stays.
 */
export function releaseMemory({ buffer, byteLength }: Uint8Array): void {
	if (byteLength > 0 && buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}
