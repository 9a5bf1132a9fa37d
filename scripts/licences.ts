// `npm run licences`: every package that an installation brings, with its licence, by npm's own list of the lock file.
// `npm run sbom` prints the same as CycloneDX.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Licences that ask for no more than their text and a notice. */
export const ALLOWED_LICENCES: ReadonlySet<string> = new Set([
	'0BSD',
	'Apache-2.0',
	'BSD-2-Clause',
	'BSD-3-Clause',
	'BlueOak-1.0.0',
	'ISC',
	'MIT',
	'MIT-0',
	'OFL-1.1', // The fonts of the screen.
]);

export interface Licence {
	name: string;
	version: string;
	/** SPDX; undefined where the lock file doesn't tell it. */
	licence: string | undefined;
}

/** The parts of a CycloneDX document that are read. */
interface Sbom {
	components: {
		name: string;
		version: string;
		licenses?: { license?: { id?: string; name?: string }; expression?: string }[];
	}[];
}

const maxOutputBytes = 64 * 1024 * 1024;

/** Of the product, the SDK and the demo. */
export function readLicences(): Licence[] {
	const args = ['sbom', '--package-lock-only', '--omit=dev', '--sbom-format=cyclonedx'];
	const root = fileURLToPath(new URL('..', import.meta.url));
	const printed = execFileSync('npm', args, { cwd: root, encoding: 'utf8', maxBuffer: maxOutputBytes });
	const { components } = JSON.parse(printed) as Sbom;
	return components.map(({ name, version, licenses }) => {
		const [first] = licenses ?? [];
		return { name, version, licence: first?.expression ?? first?.license?.id ?? first?.license?.name };
	});
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	for (const { name, version, licence = 'not told by the lock file' } of readLicences()) {
		console.log(`${`${name} ${version}`.padEnd(64)} ${licence}`);
	}
}
