import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { SETTINGS } from './config.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What a person sees who runs the command line. */
const spanhouse = (...args: string[]) => runIn(root, args);

async function runIn(cwd: string, args: string[], env = process.env) {
	const { promise, resolve } = Promise.withResolvers<{ code: number; out: string; problems: string }>();
	execFile(process.execPath, ['bin/spanhouse.js', ...args], { cwd, env }, (error, out, problems) =>
		resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, problems }),
	);
	return promise;
}

const commands = readdirSync(new URL('commands/', import.meta.url))
	.filter((file) => !file.endsWith('.test.ts') && file !== 'command.ts')
	.map((file) => file.replace('.ts', ''));

test('--help names every command, and each tells of itself', async () => {
	const { code, out } = await spanhouse('--help');
	expect(code).toBe(0);
	for (const command of commands) {
		expect(out).toContain(`  spanhouse ${command} `);
		const { code, out: help } = await spanhouse(command, '--help');
		expect({ code, help }, command).toMatchObject({ code: 0, help: expect.stringMatching(/^spanhouse /) });
		expect(help).toContain(command);
		const [, document = ''] = /^More: (.+)$/m.exec(help) ?? [];
		expect(existsSync(document), document).toBe(true);
	}
	expect(out).toContain(`Documents: ${root}docs/README.md`);
});

test('serve lists every setting with its variable', async () => {
	const { out } = await spanhouse('serve', '--help');
	for (const { variable } of Object.values(SETTINGS)) expect(out).toContain(` ${variable} `);
});

test('what is wrong is told, with where to read on', async () => {
	expect(await spanhouse('serv')).toMatchObject({
		code: 1,
		problems: `spanhouse: there is no command "serv"\nspanhouse: see \`spanhouse --help\` and ${root}docs/README.md\n`,
	});
	const wrong = await spanhouse('--ui-prot', '1');
	expect(wrong).toMatchObject({ code: 1, problems: expect.stringContaining('--ui-prot') });
	expect(wrong.problems).toContain(`see \`spanhouse serve --help\` and ${root}docs/operations.md`);
	expect((await spanhouse('--ui-port', '70000', '--retention', 'soon')).problems).toMatch(/70000[^]*soon/);
});

test('what was compiled is kept in the installation, and where that can not be written to it starts all the same', async () => {
	const installation = mkdtempSync(join(tmpdir(), 'spanhouse-installation-'));
	cpSync(join(root, 'bin'), join(installation, 'bin'), { recursive: true });
	writeFileSync(join(installation, 'package.json'), '{ "type": "module" }');
	mkdirSync(join(installation, 'dist/collector'), { recursive: true });
	writeFileSync(join(installation, 'dist/collector/cli.js'), `export const runCli = () => console.log('ran');`);
	const { NODE_COMPILE_CACHE: _, ...env } = process.env;
	writeFileSync(join(installation, 'node_modules'), 'no folder');
	expect(await runIn(installation, [], env)).toEqual({ code: 0, out: 'ran\n', problems: '' });
	rmSync(join(installation, 'node_modules'));
	expect(await runIn(installation, [], env)).toMatchObject({ code: 0, out: 'ran\n' });
	const [versions = 'nothing'] = readdirSync(join(installation, 'node_modules/.cache/spanhouse'));
	expect(readdirSync(join(installation, 'node_modules/.cache/spanhouse', versions))).not.toEqual([]);
	rmSync(installation, { recursive: true });
});
