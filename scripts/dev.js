// `npm run dev`: the collector, restarted when its sources change, and Vite's server with hot reload in front of it.
import { spawn } from 'node:child_process';

const start = (args) => spawn(process.execPath, args, { stdio: 'inherit' });

const children = [
	start([
		'--max-semi-space-size=4',
		'--watch-preserve-output',
		'--watch-path=collector',
		'--watch-path=schema',
		'bin/spanhouse.js',
		'serve',
		...process.argv.slice(2),
	]),
	start(['node_modules/vite/bin/vite.js', '--clearScreen', 'false']),
];

const stop = () => children.forEach((child) => child.kill('SIGTERM'));
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
// One without the other is of no use.
for (const child of children) child.once('exit', (code) => (stop(), (process.exitCode = code ?? 0)));
