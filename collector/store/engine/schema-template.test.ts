import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../../../test/support/clickhouse.ts';
import { PROMOTED_ATTRIBUTES } from '../../../schema/promoted-attributes.ts';
import { LOG_COLUMNS } from '../inserts/log-rows.ts';
import { readMigrations } from './migrations.ts';
import { renderMigration } from './schema-template.ts';
import { SPAN_COLUMNS } from '../inserts/span-native.ts';

const templateOf = (named: string): string => readMigrations().find(({ name }) => name === named)!.template;
const spans = renderMigration(templateOf('spans'), 'mine');

const alterations = readMigrations()
	.map(({ template }) => renderMigration(template, 'mine'))
	.filter((sql) => sql.includes('ALTER TABLE `mine`.spans'));

test('the writer has exactly the columns of the table, with their types', () => {
	const column = /^\t(?:ADD COLUMN IF NOT EXISTS )?(\w+) ((?:[A-Z]\w*)(?:\(.*?\))?)(?: CODEC\(.*\))?,?$/gm;
	const declared = [spans, ...alterations]
		.flatMap((sql) => [...sql.matchAll(column)])
		// Those of the batch are added by whoever inserts through the spool, and what ClickHouse makes of others by itself.
		.filter(([, name = '', type]) => name !== 'INDEX' && !name.startsWith('_') && !type?.includes(' MATERIALIZED '))
		.map(([, name, type]) => `${name} ${type}`);
	expect(declared.toSorted()).toEqual(SPAN_COLUMNS.map(({ name, type }) => `${name} ${type}`).toSorted());
});

test('the writer of logs has exactly the columns of their table, with their types', () => {
	const logs = renderMigration(templateOf('logs'), 'mine');
	const declared = [...logs.matchAll(/^\t(\w+) ((?:[A-Z]\w*)(?:\(.*?\))?)(?: CODEC\(.*\))?,?$/gm)]
		.filter(([, name]) => name !== 'INDEX')
		.map(([, name, type]) => `${name} ${type}`);
	expect(declared.toSorted()).toEqual(LOG_COLUMNS.map(({ name, type }) => `${name} ${type}`).toSorted());
});

test('spans lie in the same table in new stores and in those from before, but for the size of granules', () => {
	const statement = (template: string) => template.slice(template.indexOf('CREATE TABLE'));
	const before = statement(templateOf('spans'));
	expect(statement(templateOf('spans_in_large_granules'))).toBe(
		before.replace('index_granularity = 2048', 'index_granularity = 8192'),
	);
	expect(before).toContain('index_granularity = 2048');
});

test('every promoted attribute has a column', () => {
	for (const { column } of PROMOTED_ATTRIBUTES) expect(spans).toMatch(new RegExp(`^\\t${column} `, 'm'));
});

test('placeholders are filled', () => {
	expect(spans).toContain('CREATE TABLE IF NOT EXISTS `mine`.spans');
	expect(spans).toContain('ENGINE = MergeTree\n');
	expect(spans).not.toContain('{');
});

test('with a Keeper the engine is the replicated one, with the arguments that it has', () => {
	const template = 'ENGINE = {engine:MergeTree} ENGINE = {engine:ReplacingMergeTree}(version)\n';
	expect(renderMigration(template, 'mine')).toBe('ENGINE = MergeTree ENGINE = ReplacingMergeTree(version)\n');
	const replica = "'/clickhouse/tables/{shard}/{database}/{table}', '{replica}'";
	expect(renderMigration(template, 'mine', true)).toBe(
		`ENGINE = ReplicatedMergeTree(${replica}) ENGINE = ReplicatedReplacingMergeTree(${replica}, version)\n`,
	);
	expect(() => renderMigration('ENGINE = {engine:MergeTree} {macro}', 'mine', true)).toThrow('{macro}');
});

test('a placeholder that nothing fills is an error', () => {
	expect(() => renderMigration('CREATE TABLE {databse}.x', 'mine')).toThrow('{databse}');
});

test('tables can be made again, since a crash may come between a migration and its record', () => {
	for (const { template } of readMigrations())
		expect(template).toMatch(/IF (NOT )?EXISTS|MATERIALIZE (INDEX|PROJECTION)|MODIFY SETTING/);
});

test('migrations come in order of their numbers, which may have gaps but no double', () => {
	const folder = temporaryFolder();
	onTestFinished(() => folder.remove());
	for (const file of ['0007_b.sql', '0002_a.sql', 'notes.md']) writeFileSync(join(folder.path, file), 'SELECT 1');
	expect(readMigrations(folder.path).map(({ number, name }) => `${number} ${name}`)).toEqual(['2 a', '7 b']);
	writeFileSync(join(folder.path, '0007_c.sql'), 'SELECT 1');
	expect(() => readMigrations(folder.path)).toThrow('0007_c.sql');
});
