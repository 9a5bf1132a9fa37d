import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { afterAll, describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { needsKeys, needsLogin } from '../collector/access/access-policy.ts';
import { readConfig, SETTINGS } from '../collector/config.ts';
import { chartDigest, chartFolder, findHelm, lint, render, renderedPath, VARIANTS } from './helm.ts';

const textOf = (path: string): string => readFileSync(join(chartFolder, path), 'utf8');
const aside = mkdtempSync(join(tmpdir(), 'spanhouse-helm-'));
afterAll(() => rmSync(aside, { recursive: true, force: true }));

interface Container {
	image: string;
	env: { name: string; value: string }[];
	ports: { name: string; containerPort: number }[];
	securityContext: object;
	volumeMounts: { name: string; mountPath: string }[];
}
interface Manifest {
	kind: string;
	metadata: { name: string; labels: Record<string, string> };
	stringData?: Record<string, string>;
	spec: {
		replicas: number;
		selector: Record<string, string> & { matchLabels: Record<string, string> };
		ports: { port: number; targetPort: string }[];
		template: {
			metadata: { labels: Record<string, string> };
			spec: { containers: [Container]; volumes: { name: string }[] };
		};
		volumeClaimTemplates: { metadata: { name: string } }[];
	};
}

const manifestsOf = (variant: string): Manifest[] =>
	parseAllDocuments(readFileSync(renderedPath(variant), 'utf8')).map((document) => document.toJS() as Manifest);
const only = (manifests: Manifest[], kind: string): Manifest => manifests.find((manifest) => manifest.kind === kind)!;

test('the chart has the version of the program, and its values fit their schema', () => {
	const { version } = JSON.parse(readFileSync(join(chartFolder, '../../../package.json'), 'utf8')) as {
		version: string;
	};
	expect(parse(textOf('Chart.yaml'))).toMatchObject({ name: 'spanhouse', version, appVersion: version });
	const validate = new Ajv({ strictTypes: false }).compile(JSON.parse(textOf('values.schema.json')) as object);
	const values = parse(textOf('values.yaml')) as object;
	expect({ isValid: validate(values), errors: validate.errors }).toEqual({ isValid: true, errors: null });
	for (const wrong of [
		{ ingestKeys: 'short' },
		{ replicas: 0 },
		{ ingress: { enabled: true, host: '' } },
		{ replica: 2 },
		{ env: { PATH: '/' } },
	]) {
		expect(validate({ ...values, ...wrong }), JSON.stringify(wrong)).toBe(false);
	}
});

describe.each(Object.keys(VARIANTS))('rendered for %s', (variant) => {
	const manifests = manifestsOf(variant);
	const { template, volumeClaimTemplates, selector } = only(manifests, 'StatefulSet').spec;
	const [container] = template.spec.containers;

	test('it is this chart that was rendered', () => {
		expect(readFileSync(renderedPath(variant), 'utf8').split('\n', 1)[0]).toContain(chartDigest());
	});

	test('the environment is one of settings, with which it asks for a login and for keys', () => {
		const secret = only(manifests, 'Secret')?.stringData ?? {
			'ingest-keys': 'k'.repeat(24),
			'clickhouse-password': 'p',
		};
		for (const [name, text] of Object.entries(secret)) writeFileSync(join(aside, name), text);
		const known = new Set<string>(Object.values(SETTINGS).flatMap((one) => [one.variable, `${one.variable}_FILE`]));
		expect(container.env.filter(({ name }) => !known.has(name))).toEqual([]);
		const env = container.env.map(({ name, value }) => [name, value.replace('/run/secrets/spanhouse', aside)]);
		const config = readConfig([], Object.fromEntries(env) as Record<string, string>);
		expect([needsLogin(config), needsKeys(config), config.ingestKeys.length]).toEqual([true, true, 1]);
	});

	test('it runs without rights, and every folder that it is given is a volume', () => {
		expect(template.spec).toMatchObject({
			securityContext: { runAsNonRoot: true },
			automountServiceAccountToken: false,
		});
		expect(container.securityContext).toMatchObject({ readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } });
		const volumes = [
			...template.spec.volumes.map(({ name }) => name),
			...volumeClaimTemplates.map(({ metadata }) => metadata.name),
		];
		expect(container.volumeMounts.map(({ name }) => name).toSorted()).toEqual(volumes.toSorted());
	});

	test('the service finds it, at the ports that it listens on', () => {
		const service = only(manifests, 'Service').spec;
		expect(template.metadata.labels).toMatchObject(selector.matchLabels);
		expect(service.selector).toEqual(selector.matchLabels);
		const listening = new Map(container.ports.map(({ name, containerPort }) => [name, containerPort]));
		expect(service.ports.map(({ targetPort }) => String(listening.get(targetPort)))).toEqual(
			[SETTINGS.uiPort, SETTINGS.otlpHttpPort, SETTINGS.otlpGrpcPort].map((setting) => setting.default),
		);
		expect(service.ports.every(({ port, targetPort }) => listening.get(targetPort) === port)).toBe(true);
	});
});

const helm = findHelm();
if (helm === undefined) {
	process.stderr.write('skipped: no helm; `npm run deploy:check` builds one with Go, outside of this folder\n');
}
describe.skipIf(helm === undefined)('with helm', () => {
	test('it finds nothing, and renders what is kept', () => {
		expect(lint(helm!)).toContain('1 chart(s) linted, 0 chart(s) failed');
		for (const variant of Object.keys(VARIANTS)) {
			expect(existsSync(renderedPath(variant))).toBe(true);
			expect(render(helm!, variant)).toBe(readFileSync(renderedPath(variant), 'utf8'));
		}
	});
});
