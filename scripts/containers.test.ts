import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { validate as lintDockerfile } from 'dockerfile-utils';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { needsKeys, needsLogin } from '../collector/access/access-policy.ts';
import { readConfig, SETTINGS } from '../collector/config.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const textOf = (path: string): string => readFileSync(root + path, 'utf8');

interface Compose {
	services: Record<
		string,
		{ environment: Record<string, string>; ports?: string[]; read_only?: boolean; cap_drop?: string[] }
	>;
}
const compose = parse(textOf('docker-compose.yml')) as Compose;
const { environment, ports, ...spanhouse } = compose.services['spanhouse']!;

test('the compose file is one by the Compose Specification', () => {
	// Apache-2.0, github.com/compose-spec/compose-spec; dclint carries it.
	const { $schema: _, ...schema } = JSON.parse(textOf('node_modules/dclint/schemas/compose.schema.json')) as Record<
		string,
		unknown
	>;
	const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
	const validate = ajv.compile(schema);
	expect({ isValid: validate(compose), errors: validate.errors }).toEqual({ isValid: true, errors: null });
	expect(validate({ services: { spanhouse: { imaeg: 'x' } } })).toBe(false);
});

/** As compose fills it in. */
function filledIn(text: string): string {
	return text
		.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1')
		.replaceAll(/\$\{SPANHOUSE_INGEST_KEYS:\?[^}]*\}/g, '0123456789abcdef0123456789abcdef');
}

test('what it sets are settings of Spanhouse, which then asks for a login and for keys', () => {
	const known = new Set<string>(Object.values(SETTINGS).map(({ variable }) => variable));
	expect(Object.keys(environment).filter((name) => !known.has(name))).toEqual([]);
	const env = Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, filledIn(value)]));
	const config = readConfig([], env);
	expect([needsLogin(config), needsKeys(config)]).toEqual([true, true]);
	expect(config.ingestKeys.map(({ key }) => key)).toEqual(['0123456789abcdef0123456789abcdef']);
	expect(ports?.every((port) => port.startsWith('127.0.0.1:'))).toBe(true);
	expect(spanhouse).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
});

test('the Dockerfile is without faults by a linter', () => {
	const found = (text: string) =>
		lintDockerfile(text).map(({ message, range }) => ({ line: range.start.line + 1, message }));
	expect(found(textOf('Dockerfile'))).toEqual([]);
	expect(found('FROM node\nEXPOSE often\nCOPPY . .')).toEqual([
		{ line: 2, message: 'Invalid containerPort: often' },
		{ line: 3, message: 'Unknown instruction: COPPY' },
	]);
});

test('the image can be reached from outside of it, and asks for a login and for keys', () => {
	const [, set = ''] = /^ENV (.+)$/m.exec(textOf('Dockerfile')) ?? [];
	const env = Object.fromEntries(set.split(' ').map((pair) => pair.split('=') as [string, string]));
	const config = readConfig([], env);
	expect(config).toMatchObject({ host: '0.0.0.0', ingestHost: '0.0.0.0', dataDir: '/data' });
	expect([needsLogin(config), needsKeys(config)]).toEqual([true, true]);
});

test('the image runs the command as a user without rights, from files that are there', () => {
	const lines = textOf('Dockerfile').split('\n');
	const last = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')));
	expect(last).toContain('USER node');
	expect(last).toContain('ENTRYPOINT ["node", "--max-semi-space-size=4", "bin/spanhouse.js"]');
	expect(last).toContain('CMD ["serve"]');
	const copied = last.flatMap((line) => {
		const [, sources] = /^COPY (?!--)(.+) \S+$/.exec(line) ?? [];
		return sources?.split(' ') ?? [];
	});
	expect(copied).toEqual(expect.arrayContaining(['bin', 'collector', 'schema']));
	expect(copied.filter((path) => !existsSync(root + path))).toEqual([]);
	const exposed = /^EXPOSE (.+)$/m.exec(textOf('Dockerfile'))?.[1]?.split(' ');
	expect(exposed).toEqual(
		[SETTINGS.otlpGrpcPort, SETTINGS.otlpHttpPort, SETTINGS.uiPort].map((setting) => setting.default),
	);
});
