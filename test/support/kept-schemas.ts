import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readMigrations } from '../../collector/store/engine/migrations.ts';
import type { Migration } from '../../collector/store/engine/migrations.ts';
import { projectRoot } from './product.ts';

/** What a version laid down. */
interface KeptSchema {
	/** Of what it is, in words. */
	schema: string;
	migrations: Pick<Migration, 'number' | 'name' | 'checksum'>[];
}

const folder = join(projectRoot, 'test/fixtures/schemas');

/** Of versions from before, in order of how far they went. */
export const KEPT_SCHEMAS: readonly KeptSchema[] = globSync('*.json', { cwd: folder })
	.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as KeptSchema)
	.sort((a, b) => a.migrations.length - b.migrations.length);

/** Its migrations, as they stand now. */
export function migrationsOf({ migrations }: KeptSchema): Migration[] {
	const numbers = new Set(migrations.map(({ number }) => number));
	return readMigrations().filter(({ number }) => numbers.has(number));
}
