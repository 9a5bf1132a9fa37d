import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

export interface PackageIdentity {
	name: string;
	version: string | undefined;
}

/**
 * Name and version of the app, from the nearest package.json above its main script that has a name. A package.json
 * without one only marks a folder as module or CommonJS. The scope of a name is left out: a slash in a service name
 * would read as a namespace.
 */
export function findPackageIdentity(mainScript: string | undefined): PackageIdentity | undefined {
	let folder = startFolder(mainScript);
	for (;;) {
		const found = readIdentity(join(folder, 'package.json'));
		if (found !== undefined) return found;
		const parent = dirname(folder);
		if (parent === folder) return undefined;
		folder = parent;
	}
}

function startFolder(mainScript: string | undefined): string {
	if (mainScript === undefined) return process.cwd();
	try {
		const path = realpathSync(resolve(mainScript));
		return statSync(path).isDirectory() ? path : dirname(path);
	} catch {
		// `node app` may name a file without its extension; its folder is right all the same.
		return dirname(resolve(mainScript));
	}
}

function readIdentity(path: string): PackageIdentity | undefined {
	try {
		const content: unknown = JSON.parse(readFileSync(path, 'utf8'));
		if (typeof content !== 'object' || content === null) return undefined;
		const name = 'name' in content && typeof content.name === 'string' ? content.name.replace(/^@[^/]*\//, '') : '';
		if (name === '') return undefined;
		const version = 'version' in content && typeof content.version === 'string' ? content.version : undefined;
		return { name, version };
	} catch {
		return undefined;
	}
}
