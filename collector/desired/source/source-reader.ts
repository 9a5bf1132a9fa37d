import type { Revision } from '../../../schema/api-config.ts';
import type { ConfigFile } from '../load-documents.ts';

/** What a source holds at one moment. */
export interface SourceContent extends Revision {
	files: ConfigFile[];
}

/** Reads a folder, or a branch of a repository. */
export interface SourceReader {
	/** `unchanged` when it still holds the revision `known`. Throws SourceError. */
	read(known: string | undefined, signal: AbortSignal): Promise<SourceContent | 'unchanged'>;
}

/**
 * Why a source can't be read. `refused`: it was reached, but what is there can't be taken; `unavailable`: trying again may
 * help. The message goes to the screen, so it holds no credentials.
 */
export class SourceError extends Error {
	override readonly name = 'SourceError';
	readonly kind: 'refused' | 'unavailable';
	constructor(kind: 'refused' | 'unavailable', message: string) {
		super(message);
		this.kind = kind;
	}
}

/** Of each source. */
export const SOURCE_LIMITS = { files: 1_000, fileBytes: 512 * 1024, totalBytes: 8 * 1024 * 1024, depth: 16 } as const;

export const isConfigFile = (path: string): boolean => /\.ya?ml$/i.test(path);

/** Throws SourceError for what is more than anybody declares by hand. */
export function checkLimits(files: readonly { path: string; bytes: number }[]): void {
	if (files.length > SOURCE_LIMITS.files)
		throw new SourceError('refused', `${files.length} files of YAML; at most ${SOURCE_LIMITS.files} are read`);
	const large = files.find(({ bytes }) => bytes > SOURCE_LIMITS.fileBytes);
	if (large !== undefined)
		throw new SourceError(
			'refused',
			`${large.path} has ${large.bytes} bytes; at most ${SOURCE_LIMITS.fileBytes} are read`,
		);
	const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
	if (total > SOURCE_LIMITS.totalBytes)
		throw new SourceError('refused', `${total} bytes of YAML; at most ${SOURCE_LIMITS.totalBytes} are read`);
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

export function decodeFile(path: string, bytes: Uint8Array): string {
	try {
		return utf8.decode(bytes);
	} catch {
		throw new SourceError('refused', `${path} is not UTF-8`);
	}
}
