import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { resolveSecrets } from './secret-reference.ts';

const folder = mkdtempSync(join(tmpdir(), 'spanhouse-secret-'));
const data = mkdtempSync(join(tmpdir(), 'spanhouse-data-'));
afterAll(() => {
	rmSync(folder, { recursive: true });
	rmSync(data, { recursive: true });
});
writeFileSync(join(folder, 'slack'), 'https://hooks.example/T/B\n');
writeFileSync(join(folder, 'large'), 'x'.repeat(20_000));
writeFileSync(join(data, 'state'), 'inside');
symlinkSync(join(data, 'state'), join(folder, 'link'));
symlinkSync(join(folder, 'slack'), join(folder, 'kubernetes'));

const sources = {
	env: {
		TOKEN: 'a${env:OTHER}b',
		OTHER: 'other',
		EMPTY: '',
		CLICKHOUSE_PASSWORD: 'hidden',
		CLICKHOUSE_PASSWORD_FILE: '/x',
	},
	reserved: new Set(['CLICKHOUSE_PASSWORD']),
	reservedFolders: [data],
};
const resolve = (text: string) => resolveSecrets(text, sources);

test('references are filled in once, anywhere in a text', async () => {
	expect(await resolve('https://x/${env:OTHER}?t=${env:TOKEN}&e=${env:EMPTY}.')).toBe(
		'https://x/other?t=a${env:OTHER}b&e=.',
	);
	expect(await resolve(`\${file:${folder}/slack}`)).toBe('https://hooks.example/T/B');
	expect(await resolve(`\${file:${folder}/kubernetes}`)).toBe('https://hooks.example/T/B');
	expect(await resolve('$env:OTHER ${other:OTHER} ${env:}')).toBe('$env:OTHER ${other:OTHER} ${env:}');
});

test.each([
	['${env:MISSING}', '${env:MISSING} is not set'],
	['${env:__proto__}', 'is not set'],
	['${env:CLICKHOUSE_PASSWORD}', 'is a secret of Spanhouse itself'],
	['${env:CLICKHOUSE_PASSWORD_FILE}', 'is a secret of Spanhouse itself'],
	['${file:relative}', 'is no file'],
	['${file:/proc/self/environ}', 'is no file'],
	['${file:/dev/zero}', 'is no file'],
	[`\${file:${folder}}`, 'is no file'],
	[`\${file:${folder}/large}`, 'is no file'],
	[`\${file:${folder}/missing}`, 'is no file'],
	[`\${file:${folder}/link}`, 'is no file'],
	[`\${file:${data}/state}`, 'is no file'],
	[`\${file:${folder}/../${data.split('/').at(-1)}/state}`, 'is no file'],
])('%s is refused by its name alone', async (text, expected) => {
	await expect(resolve(text)).rejects.toThrow(expected);
});
