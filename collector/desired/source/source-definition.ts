import type { SourceReader } from './source-reader.ts';

/** One source: where it is, how it is read, who declared it. */
export interface SourceDefinition {
	project: string;
	name: string;
	type: 'folder' | 'git';
	/** For people; holds no credentials. */
	location: string;
	/** The setting, or the document, that declares it. */
	declaredIn: string;
	everyMs: number;
	/** Signs requests that say that something was pushed. */
	webhookSecret: () => Promise<string | undefined>;
	reader: SourceReader;
	/** Changes when anything of the above does: then it begins anew. */
	fingerprint: string;
}
