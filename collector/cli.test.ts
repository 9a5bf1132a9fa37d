import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { SETTINGS } from './config.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What a person sees who runs the command line. */
async function spanhouse(...args: string[]): Promise<{ code: number; out: string; problems: string }> {
	const { promise, resolve } = Promise.withResolvers<{ code: number; out: string; problems: string }>();
	execFile(process.execPath, ['bin/spanhouse.js', ...args], { cwd: root }, (error, out, problems) =>
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
