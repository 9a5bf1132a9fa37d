import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { findGitRevision } from './git-revision.ts';

const folders: string[] = [];
afterEach(() => {
	for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function folderWith(files: Record<string, string>): string {
	const folder = mkdtempSync(join(tmpdir(), 'spanhouse-git-'));
	folders.push(folder);
	for (const [path, text] of Object.entries(files)) {
		mkdirSync(join(folder, path, '..'), { recursive: true });
		writeFileSync(join(folder, path), text);
	}
	return folder;
}
const hash = (digit: string) => digit.repeat(40);

test.each<[string, Record<string, string>, string | undefined]>([
	['a branch', { '.git/HEAD': 'ref: refs/heads/a/b\n', '.git/refs/heads/a/b': `${hash('1')}\n` }, '111111111111'],
	['a commit checked out by itself', { '.git/HEAD': `${hash('2')}\n` }, '222222222222'],
	[
		'a branch that is packed',
		{
			'.git/HEAD': 'ref: refs/heads/main\n',
			'.git/packed-refs': `# pack-refs with: peeled\n${hash('4')} refs/heads/main2\n${hash('3')} refs/heads/main\n`,
		},
		'333333333333',
	],
	['a worktree whose repository is gone', { '.git': 'gitdir: ../away/worktrees/x\n' }, undefined],
	['a branch without a commit', { '.git/HEAD': 'ref: refs/heads/main\n' }, undefined],
	['something else by that name', { '.git/HEAD': 'hello\n' }, undefined],
	['none', { 'package.json': '{}' }, undefined],
])('%s', (_, files, expected) => {
	const folder = folderWith(files);
	mkdirSync(join(folder, 'src'));
	expect(findGitRevision(join(folder, 'src'))).toBe(expected);
});

const git = (folder: string, ...args: string[]) =>
	spawnSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], { cwd: folder, encoding: 'utf8' });
const hasGit = spawnSync('git', ['--version']).status === 0;

test.skipIf(!hasGit)('is what git says, in a checkout and in a worktree of it, loose and packed', () => {
	const folder = folderWith({ 'a.txt': 'a' });
	git(folder, 'init', '-q', '-b', 'main');
	git(folder, 'add', '.');
	git(folder, 'commit', '-q', '-m', 'First');
	const expected = git(folder, 'rev-parse', 'HEAD').stdout.slice(0, 12);
	expect(expected).toMatch(/^[0-9a-f]{12}$/);
	expect(findGitRevision(folder)).toBe(expected);
	git(folder, 'worktree', 'add', '-q', '-b', 'other', join(folder, 'tree'));
	expect(findGitRevision(join(folder, 'tree'))).toBe(expected);
	git(folder, 'pack-refs', '--all');
	expect(findGitRevision(folder)).toBe(expected);
	expect(findGitRevision(join(folder, 'tree'))).toBe(expected);
});
