import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
const isGlibc = header.glibcVersionRuntime !== undefined;

/** A process that frees a large buffer, then every second one of 200 of 400 KiB: MiB that it had, and has. */
const program = (before: string): string => `
	${before}
	const touched = (bytes) => { const buffer = new ArrayBuffer(bytes); new Uint8Array(buffer).fill(1); return buffer; };
	for (let round = 0; round < 4; round += 1) touched(16 * 2 ** 20).transfer(0);
	const buffers = Array.from({ length: 200 }, () => touched(400 * 1024));
	const had = process.memoryUsage.rss();
	buffers.forEach((buffer, place) => place % 2 === 0 && buffer.transfer(0));
	console.log(Math.round((had - process.memoryUsage.rss()) / 2 ** 20));`;

const mebibytesBack = (before: string): number =>
	Number(
		execFileSync(process.execPath, ['--input-type=module', '-e', program(before)], {
			cwd: fileURLToPath(new URL('.', import.meta.url)),
			encoding: 'utf8',
		}),
	);

test.runIf(isGlibc)('what is freed between what is kept goes back to the system', () => {
	const asked = "import { returnFreedMemory } from './system-allocator.ts'; await returnFreedMemory();";
	// 39 MiB are freed.
	expect(mebibytesBack(asked)).toBeGreaterThan(30);
	// It would not by itself: where this fails, glibc has learnt it, and the call can go.
	expect(mebibytesBack('')).toBeLessThan(10);
});
