import { createHash } from 'node:crypto';

/** 64 bits of a hash as a decimal number, the same for the same parts everywhere. */
export function issueNumber(...parts: string[]): string {
	const digest = createHash('sha256').update(JSON.stringify(parts)).digest();
	return String(digest.readBigUInt64BE());
}
