import { readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const revision = /^[0-9a-f]{40,64}$/;
/** As much as git itself shows of one. */
const shownDigits = 12;

/**
 * The commit that a checkout stands at, in its first twelve digits; undefined where there is none. Reads the files of the
 * nearest repository and starts no process. Source: gitrepository-layout(5).
 */
export function findGitRevision(from: string): string | undefined {
	const folder = findGitFolder(resolve(from));
	if (folder === undefined) return undefined;
	const head = readText(join(folder, 'HEAD'));
	const [, reference] = /^ref: (refs\/\S+)$/.exec(head ?? '') ?? [];
	const found = reference === undefined ? head : readReference(folder, reference);
	return found !== undefined && revision.test(found) ? found.slice(0, shownDigits) : undefined;
}

/** A folder `.git`, or the folder that a file of that name points to: the one of a worktree or a submodule. */
function findGitFolder(start: string): string | undefined {
	for (let folder = start; ; folder = dirname(folder)) {
		const found = join(folder, '.git');
		const kind = statSync(found, { throwIfNoEntry: false });
		if (kind?.isDirectory()) return found;
		if (kind?.isFile()) {
			const [, pointed] = /^gitdir: (.+)$/.exec(readText(found) ?? '') ?? [];
			return pointed === undefined ? undefined : resolve(folder, pointed);
		}
		if (dirname(folder) === folder) return undefined;
	}
}

function readReference(folder: string, reference: string): string | undefined {
	const common = readText(join(folder, 'commondir'));
	const shared = common === undefined ? folder : resolve(folder, common);
	return (
		readText(join(folder, reference)) ??
		readText(join(shared, reference)) ??
		readText(join(shared, 'packed-refs'))
			?.split('\n')
			.find((line) => line.endsWith(` ${reference}`))
			?.split(' ')[0]
	);
}

function readText(path: string): string | undefined {
	try {
		return readFileSync(path, 'utf8').trim();
	} catch {
		return undefined;
	}
}
