const M_MMAP_THRESHOLD = -3;
/** glibc's own, before it raises it. */
const thresholdBytes = 128 * 1024;

/**
 * Memory that is freed goes back to the system, where there is glibc. Its malloc raises the size from which an allocation has
 * pages of its own to the largest that was ever freed, and keeps what is smaller as long as anything behind it is in use: buffers of
 * requests, which come and go by the megabyte in any order, left a quarter of the process unused
 * (docs/adr/0064-freed-memory-goes-back.md). Source: mallopt(3).
 */
export async function returnFreedMemory(): Promise<void> {
	if (process.platform !== 'linux') return;
	try {
		const { DataType, load, open } = await import('ffi-rs');
		open({ library: 'libc', path: 'libc.so.6' });
		load({
			library: 'libc',
			funcName: 'mallopt',
			retType: DataType.I32,
			paramsType: [DataType.I32, DataType.I32],
			paramsValue: [M_MMAP_THRESHOLD, thresholdBytes],
		});
	} catch {
		// Another libc, which has no such habit, or a platform without the library that calls it.
	}
}
