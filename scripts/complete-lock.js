// Completes package-lock.json with the packages of other platforms, or with --check only looks.
//
// `npm install` leaves out optional packages that the registry in use does not carry, and `npm ci` then refuses the
// lock on every machine ("Missing: … from lock file"). An entry with version, os and cpu, but without a download
// address, satisfies it: npm skips it where it does not fit and looks it up where it does.
import { readFileSync, writeFileSync } from 'node:fs';

const lockUrl = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(lockUrl, 'utf8'));

const systems = ['android', 'darwin', 'freebsd', 'linux', 'openbsd', 'netbsd', 'openharmony', 'sunos', 'aix', 'win32'];
const processors = ['arm64', 'arm', 'x64', 'ia32', 'ppc64', 'riscv64', 's390x', 'loong64', 'mips64el', 'wasm32'];

/** `@scope/name-linux-arm64-musl` runs on linux and arm64. */
function platformOf(name) {
	const words = name.split(/[-/]/);
	const os = systems.find((system) => words.includes(system));
	const cpu = processors.find((key) =>
		words.some((word) => word === key || (key === 'arm' && word.startsWith('arm') && word !== 'arm64')),
	);
	const libc = /musl/.test(name) ? 'musl' : /gnu/.test(name) ? 'glibc' : undefined;
	return { ...(os ? { os: [os] } : {}), ...(cpu ? { cpu: [cpu] } : {}), ...(libc ? { libc: [libc] } : {}) };
}

const missing = {};
for (const [owner, entry] of Object.entries(lock.packages)) {
	for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
		const own = `${owner === '' ? '' : `${owner}/`}node_modules/${name}`;
		const shared = `node_modules/${name}`;
		if (lock.packages[own] || lock.packages[shared] || missing[shared]) continue;
		if (!/^\d+\.\d+\.\d+[\w.+-]*$/.test(version)) continue; // A range belongs to a package that the registry has.
		missing[shared] = { version, optional: true, ...platformOf(name) };
	}
}

const names = Object.keys(missing);
if (process.argv.includes('--check')) {
	const addressed = Object.entries(lock.packages).filter(([, entry]) => /^https?:/.test(entry.resolved ?? ''));
	if (names.length > 0)
		console.error(
			`package-lock.json lacks ${names.length} optional packages; run \`npm run lock\`:\n${names.join('\n')}`,
		);
	if (addressed.length > 0)
		console.error(`package-lock.json names the hosts of a registry for ${addressed.length} packages`);
	process.exit(names.length + addressed.length > 0 ? 1 : 0);
}
lock.packages = Object.fromEntries(
	Object.entries({ ...lock.packages, ...missing }).sort(([a], [b]) => (a < b ? -1 : 1)),
);
writeFileSync(lockUrl, `${JSON.stringify(lock, null, '\t')}\n`);
console.log(`completed package-lock.json with ${names.length} optional packages of other platforms`);
