import { spawnSync } from 'node:child_process';
import { existsSync, globSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What the screen is built from. */
const sources = [
	'ui/**/*',
	'schema/**/*.ts',
	'collector/{analysis,alerting/evaluate}/**/*.ts',
	'vite.config.ts',
	'package-lock.json',
];

/**
 * In a checkout, builds the screen when it is missing or older than its sources. A published package carries it built
 * and has no `ui/`. Throws with the output of the build when that fails.
 */
export function ensureScreen(root: string): void {
	if (!existsSync(join(root, 'ui'))) return;
	const built = statSync(join(root, 'dist/ui/index.html'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
	const newest = Math.max(...globSync(sources, { cwd: root }).map((path) => statSync(join(root, path)).mtimeMs));
	if (newest <= built) return;
	const vite = join(root, 'node_modules/vite/bin/vite.js');
	if (!existsSync(vite)) {
		if (built > 0) return;
		throw new Error(
			'the screen is not built and vite is not installed: run `npm ci && npm run build` where the sources are',
		);
	}
	// Beside its place and then moved there: several may start at once, and one that runs already serves from there.
	const fresh = join(root, `dist/ui-${process.pid}`);
	const build = [vite, 'build', '--logLevel', 'warn', '--outDir', fresh, '--emptyOutDir'];
	const result = spawnSync(process.execPath, build, { cwd: root, encoding: 'utf8' });
	try {
		if (result.status !== 0) throw new Error(`building the screen failed:\n${result.stdout}${result.stderr}`);
		replaceFolder(fresh, join(root, 'dist/ui'));
	} finally {
		rmSync(fresh, { recursive: true, force: true });
	}
}

/** By two renames, so that the place is hardly ever empty: who starts in such a moment would build once more. */
function replaceFolder(fresh: string, place: string): void {
	const old = `${fresh}-old`;
	rmSync(old, { recursive: true, force: true });
	try {
		if (existsSync(place)) renameSync(place, old);
		renameSync(fresh, place);
	} catch (error) {
		// Somebody else's, built from the same sources a moment ago, is as good.
		if (!existsSync(join(place, 'index.html'))) throw error;
	} finally {
		rmSync(old, { recursive: true, force: true });
	}
}
