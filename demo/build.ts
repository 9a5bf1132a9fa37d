/** Compiles the package to `dist/`, beside the schemas of its databases: Node strips no types inside `node_modules`. */
import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildSdkIfStale } from '../sdk/build.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));
const compiler = fileURLToPath(new URL('../node_modules/@typescript/native/bin/tsc', import.meta.url));

// Its types are compiled against.
await buildSdkIfStale();
rmSync(`${folder}dist`, { recursive: true, force: true });
execFileSync(process.execPath, [compiler, '-p', folder], { stdio: 'inherit' });
cpSync(`${folder}databases`, `${folder}dist/databases`, { recursive: true });
