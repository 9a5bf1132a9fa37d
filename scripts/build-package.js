// Compiles collector and schema to dist/ for the published package, beside the built screen: Node strips no types inside
// node_modules. A checkout runs its sources and doesn't need this.
import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const compiler = `${root}node_modules/@typescript/native/bin/tsc`;

for (const folder of ['collector', 'schema']) rmSync(`${root}dist/${folder}`, { recursive: true, force: true });
execFileSync(process.execPath, [compiler, '-p', 'tsconfig.package.json'], { cwd: root, stdio: 'inherit' });
cpSync(`${root}schema/clickhouse`, `${root}dist/schema/clickhouse`, { recursive: true });

// The bundler lists what scripts are made of; fonts come by way of styles.
for (const name of ['@fontsource-variable/inter', '@fontsource-variable/jetbrains-mono']) {
	const { version, license } = JSON.parse(readFileSync(`${root}node_modules/${name}/package.json`, 'utf8'));
	const text = readFileSync(`${root}node_modules/${name}/LICENSE`, 'utf8');
	appendFileSync(`${root}dist/ui/licences.md`, `\n## ${name} - ${version} (${license})\n\n${text}`);
}
