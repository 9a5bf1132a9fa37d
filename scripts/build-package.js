// Compiles collector and schema to dist/ for the published package, beside the screen, which is built where it is stale:
// Node strips no types inside node_modules. A checkout runs its sources and doesn't need this.
import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ensureScreen } from '../collector/build-screen.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const compiler = `${root}node_modules/@typescript/native/bin/tsc`;

ensureScreen(root);
for (const folder of ['collector', 'schema']) rmSync(`${root}dist/${folder}`, { recursive: true, force: true });
execFileSync(process.execPath, [compiler, '-p', 'tsconfig.package.json'], { cwd: root, stdio: 'inherit' });
cpSync(`${root}schema/clickhouse`, `${root}dist/schema/clickhouse`, { recursive: true });
