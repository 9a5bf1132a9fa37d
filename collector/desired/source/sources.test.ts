import { createHmac } from 'node:crypto';
import {
	mkdirSync,
	mkdtempSync,
	readdirSync,
	renameSync,
	rmSync,
	symlinkSync,
	unlinkSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { documentSchema } from '../../../schema/desired-state.ts';
import { desiredWorld } from '../../../test/support/desired-world.ts';
import { GitRepository, hasGit, serveGit } from '../../../test/support/git-repository.ts';
import type { StoredDocuments } from '../documents.ts';
import { repositorySetting } from './repository-address.ts';
import { isSigned } from './sources.ts';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
	for (const step of cleanUp.splice(0).reverse()) await step();
});

const link = (name: string, title = 'Logs') =>
	`---\napiVersion: spanhouse.dev/v1\nkind: Link\nmetadata: { name: ${name} }\nspec: { title: ${title}, urlTemplate: "https://logs", on: [span] }\n`;
const linkDocument = (name: string, title: string) =>
	documentSchema.parse({
		apiVersion: 'spanhouse.dev/v1',
		kind: 'Link',
		metadata: { name },
		spec: { title, urlTemplate: 'https://logs', on: ['span'] },
	});
const titles = (documents: StoredDocuments) =>
	Object.fromEntries(
		documents.list('default', 'Link').map(({ document }) => [document.metadata.name, document.spec.title]),
	);

function folder(): string {
	const path = mkdtempSync(join(tmpdir(), 'spanhouse-config-'));
	cleanUp.push(() => rmSync(path, { recursive: true, force: true }));
	return path;
}

describe('a folder', () => {
	async function open(clock?: () => number) {
		const configDir = folder();
		const world = await desiredWorld({ settings: { configDir }, ...(clock === undefined ? {} : { clock }) });
		const loop = world.sources.get('default', 'config-dir');
		const sync = async () => {
			await loop.check();
			return loop.describe();
		};
		return { ...world, configDir, loop, sync };
	}

	test('is in force once read, follows its files, and leaves alone what the screen made', async () => {
		const { configDir, documents, sync } = await open();
		await documents.put('default', linkDocument('screen', 'Mine'), { author: 'ann' });
		mkdirSync(join(configDir, 'team'));
		writeFileSync(join(configDir, 'a.yaml'), link('a') + link('b'));
		writeFileSync(join(configDir, 'team', 'c.yml'), link('c'));
		writeFileSync(join(configDir, 'README.md'), 'no configuration');
		expect(await sync()).toMatchObject({ state: 'Synced', objects: 3, changes: [], error: null });
		expect(documents.get('default', 'Link', 'b')?.owner).toEqual({ source: 'config-dir', file: 'a.yaml', line: 7 });
		writeFileSync(join(configDir, 'a.yaml'), `# moved by a line\n${link('a', 'New')}`);
		expect(await sync()).toMatchObject({ state: 'Synced', objects: 2 });
		expect(titles(documents)).toEqual({ screen: 'Mine', a: 'New', c: 'Logs' });
		expect(documents.get('default', 'Link', 'a')?.owner.line).toBe(3);
	});

	test('tells where a document stands by now, although nothing else of it changed', async () => {
		const { configDir, documents, sync } = await open();
		writeFileSync(join(configDir, 'a.yaml'), link('a'));
		await sync();
		const { version } = documents.get('default', 'Link', 'a') ?? {};
		writeFileSync(join(configDir, 'a.yaml'), `# one\n# two\n${link('a')}`);
		await sync();
		expect(documents.get('default', 'Link', 'a')).toMatchObject({ version, owner: { line: 4 } });
	});

	test('one error refuses all of it: the last good state stays, and file, line and column are told', async () => {
		const { configDir, documents, sync } = await open();
		for (let index = 0; index < 40; index += 1) writeFileSync(join(configDir, `${index}.yaml`), link(`a${index}`));
		await sync();
		writeFileSync(join(configDir, '7.yaml'), link('a7', 'New'));
		writeFileSync(join(configDir, '8.yaml'), link('a8').replace('title:', 'titel:'));
		expect(await sync()).toMatchObject({
			state: 'Refused',
			findings: [
				{ file: '8.yaml', line: 5, column: 9, found: '"titel"', expected: 'title' },
				{ file: '8.yaml', found: 'nothing' },
			],
		});
		expect(titles(documents)).toMatchObject({ a7: 'Logs', a8: 'Logs' });
		writeFileSync(join(configDir, '8.yaml'), link('a8', 'New'));
		expect(await sync()).toMatchObject({ state: 'Synced', objects: 40 });
		expect(titles(documents)).toMatchObject({ a7: 'New', a8: 'New' });
	});

	test('swapped links, as Kubernetes mounts a ConfigMap, are one change', async () => {
		const { configDir, documents, sync } = await open();
		const version = (name: string, title: string) => {
			mkdirSync(join(configDir, name));
			writeFileSync(join(configDir, name, 'a.yaml'), link('a', title));
			symlinkSync(name, join(configDir, '..data_tmp'));
			renameSync(join(configDir, '..data_tmp'), join(configDir, '..data'));
		};
		version('..2026_1', 'One');
		symlinkSync('..data/a.yaml', join(configDir, 'a.yaml'));
		expect(await sync()).toMatchObject({ state: 'Synced', objects: 1 });
		version('..2026_2', 'Two');
		rmSync(join(configDir, '..2026_1'), { recursive: true });
		expect(await sync()).toMatchObject({ state: 'Synced', objects: 1 });
		expect(titles(documents)).toEqual({ a: 'Two' });
	});

	test('a link out of it is refused', async () => {
		const { configDir, sync } = await open();
		symlinkSync('/etc/passwd', join(configDir, 'a.yaml'));
		expect(await sync()).toMatchObject({ state: 'Refused', error: 'a.yaml is a link out of the folder' });
	});

	test('that was emptied is held until somebody confirms; that is gone changes nothing', async () => {
		const { configDir, documents, loop, sync } = await open();
		writeFileSync(join(configDir, 'a.yaml'), link('a'));
		await sync();
		unlinkSync(join(configDir, 'a.yaml'));
		const { state, held } = await sync();
		expect([state, held?.removes, held?.of]).toEqual(['OutOfSync', 1, 1]);
		expect(titles(documents)).toEqual({ a: 'Logs' });
		await expect(loop.confirm('another', 'ann')).rejects.toMatchObject({ code: 'REVISION_MOVED' });
		await loop.confirm(held?.revision ?? '', 'ann');
		expect([loop.describe().state, titles(documents)]).toEqual(['Synced', {}]);
		rmSync(configDir, { recursive: true });
		expect(await sync()).toMatchObject({ state: 'Unavailable', error: expect.stringContaining(configDir) });
	});

	test('live state that differs is put right and counted', async () => {
		const { configDir, state, documents, sync } = await open();
		writeFileSync(join(configDir, 'a.yaml'), link('a'));
		await sync();
		const origin = { source: 'config-dir', file: 'a.yaml', line: 1 };
		await state.put(
			{ project: 'default', kind: 'config.Link', name: 'a' },
			{ document: linkDocument('a', 'Tampered'), origin },
			{ author: 'mallory' },
		);
		expect(titles(documents)).toEqual({ a: 'Tampered' });
		expect(await sync()).toMatchObject({ state: 'Synced', corrected: 1 });
		expect(titles(documents)).toEqual({ a: 'Logs' });
	});

	test('an override holds, shows as drift, and ends by itself, even while the source is away', async () => {
		let now = 1_000;
		const { configDir, documents, sources, sync } = await open(() => now);
		writeFileSync(join(configDir, 'a.yaml'), link('a'));
		await sync();
		const override = { untilMs: 5_000, reason: 'incident' };
		await expect(documents.put('default', linkDocument('a', 'X'), { author: 'ann' })).rejects.toMatchObject({
			code: 'MANAGED_BY_SOURCE',
		});
		await documents.put('default', linkDocument('a', 'Overridden'), { author: 'ann', override });
		writeFileSync(join(configDir, 'a.yaml'), link('a', 'Newer'));
		expect(await sync()).toMatchObject({ state: 'Synced' });
		expect(titles(documents)).toEqual({ a: 'Overridden' });
		rmSync(configDir, { recursive: true });
		now = 5_000;
		sources.start();
		cleanUp.push(() => sources.close());
		await expect.poll(() => titles(documents), { timeout: 20_000 }).toEqual({ a: 'Newer' });
		expect(documents.get('default', 'Link', 'a')?.owner).toMatchObject({ source: 'config-dir' });
	});

	test('that is paused is compared and not applied, until it is over', async () => {
		let now = 1_000;
		const { configDir, documents, loop, sync } = await open(() => now);
		writeFileSync(join(configDir, 'a.yaml'), link('a'));
		await sync();
		await loop.pause(2_000, 'freeze', 'ann');
		writeFileSync(join(configDir, 'a.yaml'), link('a', 'New'));
		expect(await sync()).toMatchObject({
			state: 'OutOfSync',
			changes: [{ action: 'update', name: 'a' }],
			paused: { untilMs: 2_000, reason: 'freeze', author: 'ann' },
		});
		expect([titles(documents), loop.differs('Link a')]).toEqual([{ a: 'Logs' }, true]);
		const { applied, newest } = loop.describe();
		expect(loop.standing()).toEqual({
			source: 'config-dir',
			state: 'OutOfSync',
			revision: applied?.revision,
			appliedMs: 1_000,
			newestRevision: newest?.revision,
		});
		expect(applied?.revision).not.toBe(newest?.revision);
		now = 2_000;
		expect(await sync()).toMatchObject({ state: 'Synced', paused: null });
		expect(titles(documents)).toEqual({ a: 'New' });
	});
});

describe.skipIf(!hasGit)('a repository', () => {
	async function open(place: (repository: GitRepository) => string = ({ url }) => url, credentials = '') {
		const repository = new GitRepository();
		cleanUp.push(() => repository.remove());
		repository.push({ 'ops/a.yaml': link('a') + link('b'), 'ops/c.yaml': link('c'), 'README.md': 'x' }, 'Begin');
		const fetches = folder();
		const settings = { configRepo: repositorySetting(place(repository)), configCredentials: credentials };
		const world = await desiredWorld({ settings, folder: fetches });
		const loop = world.sources.get('default', 'config-repo');
		const sync = async () => {
			await loop.check();
			return loop.describe();
		};
		return { ...world, repository, loop, sync, fetches };
	}

	test('is in force with commit, author and message, and a revert puts back what was there', async () => {
		const { repository, documents, sync, fetches, state } = await open();
		const revision = repository.git('rev-parse', 'HEAD');
		expect(await sync()).toMatchObject({
			state: 'Synced',
			objects: 3,
			newest: { revision, author: 'Ada <ada@example.com>', message: 'Begin' },
			applied: { revision },
		});
		const changed = repository.push({ 'ops/a.yaml': link('a', 'New') }, 'Change a, remove b');
		await sync();
		expect(titles(documents)).toEqual({ a: 'New', c: 'Logs' });
		expect(documents.get('default', 'Link', 'a')).toMatchObject({ author: `config-repo@${changed.slice(0, 12)}` });
		repository.git('revert', '--no-edit', 'HEAD');
		repository.push({});
		await sync();
		expect(titles(documents)).toEqual({ a: 'Logs', b: 'Logs', c: 'Logs' });
		const audit = await state.history({ project: 'default', kind: 'config.sync', name: 'config-repo' }, 10);
		expect(audit.map(({ json }) => (JSON.parse(json ?? '') as { changeCount: number }).changeCount)).toEqual([2, 2, 3]);
		expect(readdirSync(fetches)).toEqual([]);
	});

	test('whose path is wrong, emptied or renamed is refused; whose branch is not there, too', async () => {
		const { repository, documents, sync } = await open(({ url }) => `${url}#main:ops`);
		expect(await sync()).toMatchObject({ state: 'Synced', objects: 3 });
		repository.git('mv', 'ops', 'operations');
		repository.push({});
		expect(await sync()).toMatchObject({ state: 'Refused', error: 'the revision has no path ops' });
		expect(Object.keys(titles(documents))).toEqual(['a', 'b', 'c']);
		const other = await open(({ url }) => `${url}#production`);
		expect(await other.sync()).toMatchObject({ state: 'Refused', error: 'the repository has no branch production' });
	});

	test('that would remove everything, or much of it, is held', async () => {
		const { repository, documents, loop, sync } = await open();
		await sync();
		repository.push({ 'ops/a.yaml': undefined, 'ops/c.yaml': undefined }, 'Remove everything');
		expect(await sync()).toMatchObject({ state: 'OutOfSync', held: { removes: 3, of: 3 } });
		const later = repository.push({ 'ops/d.yaml': link('d') }, 'Rename everything');
		expect(await sync()).toMatchObject({ state: 'Synced', held: null, applied: { revision: later } });
		expect(titles(documents)).toEqual({ d: 'Logs' });
		expect(loop.describe().objects).toBe(1);
	});

	test('whose history was rewritten by a push with force is followed', async () => {
		const { repository, documents, sync } = await open();
		await sync();
		repository.git('checkout', '--quiet', '--orphan', 'rewritten');
		repository.push({ 'ops/c.yaml': link('c', 'Rewritten') }, 'Another beginning');
		expect(await sync()).toMatchObject({ state: 'Synced', newest: { message: 'Another beginning' } });
		expect(titles(documents)).toEqual({ a: 'Logs', b: 'Logs', c: 'Rewritten' });
	});

	test('that is away changes nothing, and is followed again when it is back', async () => {
		const { repository, documents, sync } = await open();
		await sync();
		renameSync(repository.bare, `${repository.bare}.away`);
		expect(await sync()).toMatchObject({ state: 'Unavailable', error: expect.stringContaining('fatal:') });
		expect(Object.keys(titles(documents))).toEqual(['a', 'b', 'c']);
		renameSync(`${repository.bare}.away`, repository.bare);
		repository.push({ 'ops/c.yaml': link('c', 'Back') });
		expect(await sync()).toMatchObject({ state: 'Synced', error: null });
		expect(titles(documents)).toMatchObject({ c: 'Back' });
	});

	test('runs nothing that it holds: links and submodules are no files, hooks and attributes are without effect', async () => {
		const { repository, documents, sync } = await open();
		symlinkSync('/etc/passwd', join(repository.work, 'ops/passwd.yaml'));
		repository.push({
			'.gitattributes': '*.yaml filter=evil\n',
			'.gitmodules': '[submodule "x"]\n\tpath = x\n\turl = file:///etc\n',
		});
		repository.git('update-index', '--add', '--cacheinfo', `160000,${'a'.repeat(40)},x.yaml`);
		repository.git('commit', '--quiet', '-m', 'Submodule');
		repository.git('push', '--quiet', 'origin', 'HEAD:main');
		expect(await sync()).toMatchObject({ state: 'Synced', objects: 3, newest: { message: 'Submodule' } });
		expect(Object.keys(titles(documents))).toEqual(['a', 'b', 'c']);
	});

	test('over HTTP needs the right credentials, which go nowhere else and into no message', async () => {
		const { repository, documents } = await open();
		const server = await serveGit(repository, { credentials: 'robot:s3cret' });
		cleanUp.push(() => server.close());
		const over = async (credentials: string) => {
			const configRepo = repositorySetting(server.url);
			const world = await desiredWorld({ settings: { configRepo, configCredentials: credentials }, folder: folder() });
			const loop = world.sources.get('default', 'config-repo');
			await loop.check();
			return { answer: loop.describe(), documents: world.documents };
		};
		expect((await over('')).answer).toMatchObject({ state: 'Unavailable', objects: 0 });
		const wrong = (await over('robot:wr0ng')).answer;
		expect(wrong).toMatchObject({ state: 'Unavailable', error: expect.stringMatching(/[Aa]uthentication|Username/) });
		expect(JSON.stringify(wrong)).not.toContain('wr0ng');
		const right = await over('robot:s3cret');
		expect(right.answer).toMatchObject({ state: 'Synced', objects: 3, newest: { message: 'Begin' } });
		expect(titles(right.documents)).toEqual({ a: 'Logs', b: 'Logs', c: 'Logs' });
		expect(titles(documents)).toEqual({});
		const redirecting = await serveGit(repository, { redirectTo: new URL(server.url).origin });
		cleanUp.push(() => redirecting.close());
		const before = server.seen.length;
		const configRepo = repositorySetting(redirecting.url);
		const world = await desiredWorld({ settings: { configRepo, configCredentials: 'robot:s3cret' }, folder: folder() });
		await world.sources.get('default', 'config-repo').check();
		expect(world.sources.get('default', 'config-repo').describe()).toMatchObject({ state: 'Unavailable' });
		expect(server.seen.length).toBe(before);
	});

	test('and another source that claim one name: the second is refused, and both places are named', async () => {
		const { repository, state, sync } = await open();
		await sync();
		const configDir = folder();
		writeFileSync(join(configDir, 'mine.yaml'), link('z') + link('c'));
		const settings = { configDir, configRepo: repositorySetting(repository.url) };
		const { sources, documents } = await desiredWorld({ state, settings, folder: folder() });
		const loop = sources.get('default', 'config-dir');
		await loop.check();
		expect(loop.describe()).toMatchObject({
			state: 'Refused',
			findings: [{ file: 'mine.yaml', line: 7, found: 'Link c, which source config-repo declares in ops/c.yaml:2' }],
		});
		expect(Object.keys(titles(documents))).toEqual(['a', 'b', 'c']);
	});
});

describe('sources that documents declare', () => {
	const source = (name: string, spec: object) =>
		documentSchema.parse({ apiVersion: 'spanhouse.dev/v1', kind: 'Source', metadata: { name }, spec });

	test('come and go with their documents; what they declared stays, and can be changed again', async () => {
		const [configDir, team] = [folder(), folder()];
		writeFileSync(join(team, 'a.yaml'), link('a'));
		const declaration = `apiVersion: spanhouse.dev/v1\nkind: Source\nmetadata: { name: team }\nspec: { folder: ${team} }\n`;
		writeFileSync(join(configDir, 'team.yaml'), declaration);
		writeFileSync(join(configDir, 'other.yaml'), link('other'));
		const { sources, documents } = await desiredWorld({ settings: { configDir } });
		sources.start();
		cleanUp.push(() => sources.close());
		await expect.poll(() => titles(documents), { timeout: 20_000 }).toEqual({ a: 'Logs', other: 'Logs' });
		await expect(documents.delete('default', 'Link', 'a', { author: 'ann' })).rejects.toMatchObject({ status: 409 });
		unlinkSync(join(configDir, 'team.yaml'));
		await expect.poll(() => sources.has('default', 'team'), { timeout: 20_000 }).toBe(false);
		expect(titles(documents)).toEqual({ a: 'Logs', other: 'Logs' });
		expect(await documents.delete('default', 'Link', 'a', { author: 'ann' })).toBeGreaterThan(0);
	});

	test.each([
		['a folder of this machine', { folder: '/etc' }, 'folders of this machine'],
		['a repository of this machine', { repository: 'file:///srv/git/x' }, 'folders of this machine'],
		['the loopback address', { repository: 'https://127.0.0.1/x.git' }, 'loopback'],
		['a name that resolves to it', { repository: 'https://localhost/x.git' }, 'loopback'],
		['credentials of the machine', { repository: 'https://169.254.169.254/x.git' }, 'metadata service'],
		['a port that is not listed', { repository: 'https://example.com:6379/x.git' }, 'port is 6379'],
		['no encryption', { repository: 'http://192.0.2.1/x.git' }, /port|reserved|TLS/],
		['ssh to loopback', { repository: 'ssh://git@127.0.0.1/x.git' }, 'loopback'],
		['a command', { repository: 'ext::sh -c id' }, 'expected https'],
		['an option', { repository: '--upload-pack=id' }, 'expected https'],
		['credentials in the address', { repository: 'https://a:b@example.com/x.git' }, 'by reference'],
		['an option as branch', { repository: 'https://example.com/x.git', branch: '--output=x' }, 'the name of a branch'],
		['a path out of it', { repository: 'https://example.com/x.git', path: '../x' }, 'a path within'],
	])('through the API may not name %s', async (_, spec, expected) => {
		const { sources, documents } = await desiredWorld({ folder: folder() });
		sources.start();
		cleanUp.push(() => sources.close());
		await documents.put('default', source('bad', spec), { author: 'ann' });
		const loop = sources.get('default', 'bad');
		await loop.check();
		expect(loop.describe()).toMatchObject({ state: 'Refused', error: expect.stringMatching(expected) });
	});
});

test('a push is believed when it is signed with the secret, as GitHub, Gitea or GitLab do', () => {
	const body = '{"ref":"refs/heads/main"}';
	const hmac = createHmac('sha256', 'secret').update(body).digest('hex');
	const signed = (headers: Record<string, string>) => isSigned(body, (name) => headers[name], 'secret');
	expect(signed({ 'x-hub-signature-256': `sha256=${hmac}` })).toBe(true);
	expect(signed({ 'x-gitea-signature': hmac })).toBe(true);
	expect(signed({ 'x-gitlab-token': 'secret' })).toBe(true);
	expect(signed({ 'x-hub-signature-256': `sha256=${hmac.replace(/^./, 'g')}` })).toBe(false);
	expect(signed({ 'x-gitlab-token': 'Secret' })).toBe(false);
	expect(signed({})).toBe(false);
});
