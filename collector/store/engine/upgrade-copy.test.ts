import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { silentLog } from '../../log.ts';
import { copyBeforeUpgrade, dropUpgradeCopy, goBack, noteOpened } from './upgrade-copy.ts';

const older = { program: '1.0.0', schema: 60 };
const newer = { program: '1.1.0', schema: 80 };
const roomy = { nowMs: Date.now(), mostBytes: 1_000, isRoomShort: false };

/** A data folder with a part of a table and its metadata, opened by the older version. */
function dataFolder() {
	const path = mkdtempSync(join(tmpdir(), 'upgrade-'));
	onTestFinished(() => rmSync(path, { recursive: true, force: true }));
	const at = (name: string) => join(path, 'clickhouse', name);
	mkdirSync(at('store/part'), { recursive: true });
	writeFileSync(at('store/part/name.bin'), 'x'.repeat(2_000));
	writeFileSync(at('table.sql'), 'old');
	noteOpened(path, older);
	return { path, at, copy: (name: string) => join(path, 'before-upgrade', 'clickhouse', name) };
}

test('the same version copies nothing; another one does, where data takes no room twice and the rest is copied', () => {
	const { path, at, copy } = dataFolder();
	copyBeforeUpgrade(path, older, silentLog);
	expect(existsSync(join(path, 'before-upgrade'))).toBe(false);
	copyBeforeUpgrade(path, newer, silentLog);
	expect(statSync(copy('store/part/name.bin')).ino).toBe(statSync(at('store/part/name.bin')).ino);
	writeFileSync(at('table.sql'), 'new');
	expect(readFileSync(copy('table.sql'), 'utf8')).toBe('old');
});

test('an upgrade that was cut off keeps the copy from before it; the next one makes another', () => {
	const { path, at, copy } = dataFolder();
	copyBeforeUpgrade(path, newer, silentLog);
	writeFileSync(at('table.sql'), 'half');
	copyBeforeUpgrade(path, newer, silentLog);
	expect(readFileSync(copy('table.sql'), 'utf8')).toBe('old');
	noteOpened(path, newer);
	copyBeforeUpgrade(path, { program: '1.2.0', schema: 90 }, silentLog);
	expect(readFileSync(copy('table.sql'), 'utf8')).toBe('half');
});

test('an older version, which will be refused, does not take the copy away', () => {
	const { path, copy } = dataFolder();
	copyBeforeUpgrade(path, newer, silentLog);
	noteOpened(path, newer);
	copyBeforeUpgrade(path, older, silentLog);
	expect(readFileSync(copy('table.sql'), 'utf8')).toBe('old');
});

test.each(['whole', 'cut off after the first step', 'cut off after the second step'])('going back, %s', (how) => {
	const { path, at } = dataFolder();
	copyBeforeUpgrade(path, newer, silentLog);
	writeFileSync(at('table.sql'), 'half');
	const [data, aside] = [join(path, 'clickhouse'), join(path, 'clickhouse.failed')];
	if (how === 'whole') goBack(path);
	else renameSync(data, aside);
	if (how === 'cut off after the second step') renameSync(join(path, 'before-upgrade', 'clickhouse'), data);
	copyBeforeUpgrade(path, older, silentLog);
	expect(readFileSync(at('table.sql'), 'utf8')).toBe('old');
	expect([existsSync(aside), existsSync(join(path, 'before-upgrade'))]).toEqual([false, false]);
	expect(goBack(path)).toBe(false);
});

test('the copy goes after three days, when room is short, and when it holds much that nothing else does', async () => {
	const day = 86_400_000;
	const { path, at } = dataFolder();
	const isThere = async (limits: Partial<typeof roomy>): Promise<boolean> => {
		copyBeforeUpgrade(path, newer, silentLog);
		await dropUpgradeCopy(path, { ...roomy, ...limits }, silentLog);
		return existsSync(join(path, 'before-upgrade'));
	};
	expect(await isThere({ nowMs: Date.now() + 2 * day })).toBe(true);
	expect(await isThere({ nowMs: Date.now() + 4 * day })).toBe(false);
	expect(await isThere({ isRoomShort: true })).toBe(false);
	expect(await isThere({})).toBe(true);
	rmSync(at('store/part'), { recursive: true });
	expect(await isThere({})).toBe(false);
	await dropUpgradeCopy(path, roomy, silentLog);
});
