import { spawnSync } from 'node:child_process';
import { existsSync, globSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What the screen is built from. */
const sources = ['ui/**/*', 'schema/**/*.ts', 'collector/analysis/**/*.ts', 'vite.config.ts', 'package-lock.json'];

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
	const result = spawnSync(process.execPath, [vite, 'build', '--logLevel', 'warn'], { cwd: root, encoding: 'utf8' });
	if (result.status !== 0) throw new Error(`building the screen failed:\n${result.stdout}${result.stderr}`);
}
