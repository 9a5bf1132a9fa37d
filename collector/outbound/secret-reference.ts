import { readFile, realpath, stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { OutboundError } from './outbound-error.ts';

export interface SecretSources {
	/** The environment of this process. */
	env: Readonly<Record<string, string | undefined>>;
	/** Variables that nobody may refer to: the secrets of this program. */
	reserved: ReadonlySet<string>;
	/** Folders that nobody may refer to, beside those of the kernel: where this program keeps its data. */
	reservedFolders: readonly string[];
}

const reference = /\$\{(env|file):([^}]{1,4096})\}/g;
const maxSecretBytes = 16 * 1024;
const kernelFolders = ['/proc', '/sys', '/dev'];

/**
 * Fills in `${env:NAME}` and `${file:/path}`, once: what a secret holds is not looked at again. Done when something is sent, so
 * that a secret stands in no document, no log and no answer, and a changed one counts at once. Throws OutboundError with the
 * name of the reference that has no value.
 */
export async function resolveSecrets(text: string, sources: SecretSources): Promise<string> {
	const parts: string[] = [];
	let end = 0;
	for (const match of text.matchAll(reference)) {
		const [whole, kind, name = ''] = match;
		parts.push(text.slice(end, match.index));
		parts.push(kind === 'env' ? fromEnvironment(name, sources) : await fromFile(name, sources));
		end = match.index + whole.length;
	}
	return parts.join('') + text.slice(end);
}

function fromEnvironment(name: string, { env, reserved }: SecretSources): string {
	if (reserved.has(name) || reserved.has(name.replace(/_FILE$/, '')))
		throw new OutboundError('BAD_SECRET', `\${env:${name}} is a secret of Spanhouse itself`);
	const value = Object.hasOwn(env, name) ? env[name] : undefined;
	if (value === undefined) throw new OutboundError('BAD_SECRET', `\${env:${name}} is not set`);
	return value;
}

async function fromFile(path: string, { reservedFolders }: SecretSources): Promise<string> {
	try {
		if (!isAbsolute(path)) throw new Error('not absolute');
		// Links are followed first: Kubernetes' secrets are links, and so may be a way into a folder that is closed.
		const real = await realpath(path);
		if ([...kernelFolders, ...reservedFolders].some((folder) => isInside(real, folder))) throw new Error('reserved');
		const found = await stat(real);
		if (!found.isFile() || found.size > maxSecretBytes) throw new Error('not a small file');
		return (await readFile(real, 'utf8')).trimEnd();
	} catch {
		throw new OutboundError(
			'BAD_SECRET',
			`\${file:${path}} is no file of at most 16 KiB that secrets may be read from`,
		);
	}
}

const isInside = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);
