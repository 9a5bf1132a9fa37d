#!/usr/bin/env -S node --max-semi-space-size=4
// Plain JavaScript: this file must run, and explain itself, on a Node that is too old for the rest. The option above is the room for
// young objects, which only a command line sets; without it they take some 100 MiB under load for nothing.
import { existsSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
	console.error(
		`spanhouse needs Node 22.18 or newer, this is ${process.versions.node}. ` +
			'In a checkout use `npm start`, which brings its own Node; elsewhere install one from https://nodejs.org.',
	);
	process.exit(1);
}

// What was compiled once is read by later starts and their threads, where this folder can be written to.
module.enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/spanhouse', import.meta.url)));

// A checkout runs its TypeScript as it is; the published package carries JavaScript in dist/ and no sources.
const source = new URL('../collector/cli.ts', import.meta.url);
const built = new URL('../dist/collector/cli.js', import.meta.url);
const { runCli } = await import(existsSync(source) ? source.href : built.href);
await runCli(process.argv.slice(2));
