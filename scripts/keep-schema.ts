// `node scripts/keep-schema.ts`, at a release: keeps which migrations this version lays down, so that the next ones are tried against it.
import { readFileSync, writeFileSync } from 'node:fs';
import { readMigrations } from '../collector/store/engine/migrations.ts';

const root = new URL('../', import.meta.url);
const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { version: string };
const migrations = readMigrations().map(({ number, name, checksum }) => ({ number, name, checksum }));
const path = `test/fixtures/schemas/${version}.json`;
writeFileSync(new URL(path, root), `${JSON.stringify({ schema: `of ${version}`, migrations }, null, '\t')}\n`);
console.log(`kept ${migrations.length} migrations in ${path}`);
