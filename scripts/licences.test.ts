import { expect, test } from 'vitest';
import { ALLOWED_LICENCES, readLicences } from './licences.ts';

test('everything that an installation brings may be used and passed on', () => {
	const licences = readLicences();
	expect(licences.map(({ name }) => name)).toEqual(
		expect.arrayContaining(['@clickhouse/client', 'chdb', 'hono', '@opentelemetry/sdk-node']),
	);
	const others = licences.filter(({ licence }) => licence === undefined || !ALLOWED_LICENCES.has(licence));
	// Builds for other platforms stand in the lock file by name and version alone; they are under the licence of their package.
	const builds = /^(@chdb\/lib|@yuuang\/ffi-rs)-(darwin|linux|win32|android)-/;
	expect(others.filter(({ name }) => !builds.test(name))).toEqual([]);
});
