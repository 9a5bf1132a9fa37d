import { join } from 'node:path';
import type { SpoolDisk } from './disk.ts';
import { asideSuffix } from './quarantine.ts';
import type { AsideLine } from './quarantine.ts';

/** A file in quarantine. */
export interface AsideFile extends AsideLine {
	name: string;
	/** Behind the line of JSON: a record, or a damaged stretch of a segment. */
	bytes: Buffer;
}

export const asideFolderOf = (folder: string): string => join(folder, 'quarantine');

/** Their names, in the order in which they came. */
export async function asideNames(disk: SpoolDisk, folder: string): Promise<string[]> {
	const names = await disk.list(asideFolderOf(folder)).catch(() => []);
	const numbersOf = (name: string): number[] => (name.match(/\d+/g) ?? []).map(Number);
	return names
		.filter((name) => name.endsWith(asideSuffix))
		.sort((a, b) => {
			const [[a1 = 0, a2 = 0], [b1 = 0, b2 = 0]] = [numbersOf(a), numbersOf(b)];
			return a1 - b1 || a2 - b2;
		});
}

/** What is in one; undefined when it is not a line of ours and bytes. */
export async function readAside(disk: SpoolDisk, folder: string, name: string): Promise<AsideFile | undefined> {
	const file = await disk.open(join(asideFolderOf(folder), name), 'read');
	try {
		const whole = Buffer.allocUnsafe(await file.size());
		const bytes = whole.subarray(0, await file.read(whole, 0));
		const lineEnd = bytes.indexOf(0x0a);
		const line = JSON.parse(bytes.toString('utf8', 0, Math.max(0, lineEnd))) as AsideLine;
		return { ...line, name, bytes: bytes.subarray(lineEnd + 1) };
	} catch (error) {
		if (error instanceof SyntaxError) return undefined;
		throw error;
	} finally {
		await file.close();
	}
}
