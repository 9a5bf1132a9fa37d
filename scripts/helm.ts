// `npm run deploy:check`: lints and renders the Helm chart, holds what is rendered against the schemas of Kubernetes and against
// the rendered form that is kept beside the tests; `-- --write` renews that. Helm is that of HELM or PATH, or is built by Go
// into the user's cache; the schemas are npm's `kubernetes-models`, installed there too.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseAllDocuments } from 'yaml';

const root = fileURLToPath(new URL('..', import.meta.url));
export const chartFolder = join(root, 'deploy/helm/spanhouse');
const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'spanhouse-deploy-check');
const helmModule = 'helm.sh/helm/v3/cmd/helm@v3.22.0';
const modelsPackage = 'kubernetes-models@5';
/** A helm that Go has built by itself takes the cluster to be an old one. */
const kubeVersion = '1.31.0';

/** What the chart is rendered for: ClickHouse inside, and everything that can be set. */
export const VARIANTS: Readonly<Record<string, Record<string, string>>> = {
	embedded: { ingestKeys: '0123456789abcdef0123456789abcdef' },
	server: {
		replicas: '3',
		publicUrl: 'https://spans.example.com',
		existingSecret: 'spanhouse-keys',
		configMap: 'alerts',
		'clickhouse.url': 'http://clickhouse.data:8123',
		'env.SPANHOUSE_RETENTION': '14d',
		'image.repository': 'registry.example.com/spanhouse',
		'ingress.enabled': 'true',
		'ingress.host': 'spans.example.com',
		'ingress.tlsSecret': 'spans-tls',
		'storage.className': 'fast',
		'podAnnotations.example\\.com/team': 'platform',
	},
};

export const renderedPath = (variant: string): string => join(root, `test/fixtures/helm/${variant}.yaml`);

/** Of everything that the chart consists of. */
export function chartDigest(): string {
	const hash = createHash('sha256');
	for (const path of globSync('**/*.{yaml,json,tpl,txt}', { cwd: chartFolder }).sort()) {
		hash.update(`${path.replaceAll('\\', '/')}\0${readFileSync(join(chartFolder, path), 'utf8')}\0`);
	}
	return hash.digest('hex');
}

/** The command, where there is one. */
export function findHelm(): string | undefined {
	const candidates = [process.env['HELM'], 'helm', join(cache, 'bin/helm')];
	return candidates.find((candidate) => {
		if (candidate === undefined) return false;
		try {
			execFileSync(candidate, ['version', '--short'], { stdio: 'ignore' });
			return true;
		} catch {
			return false;
		}
	});
}

/** Throws what helm says where the chart has faults. */
export const lint = (helm: string): string =>
	execFileSync(helm, ['lint', '--strict', '--kube-version', kubeVersion, chartFolder], { encoding: 'utf8' });

/** As it is kept: what it was made from in its first line. */
export function render(helm: string, variant: string): string {
	const values = Object.entries(VARIANTS[variant] ?? {});
	// Only numbers and `true` may be anything but text.
	const set = values.flatMap(([name, value]) => [
		/^(\d+|true)$/.test(value) ? '--set' : '--set-string',
		`${name}=${value}`,
	]);
	const args = ['template', 'traces', chartFolder, '--namespace', 'tracing', '--kube-version', kubeVersion, ...set];
	const rendered = execFileSync(helm, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
	return `# From the chart of digest ${chartDigest()}, by \`npm run deploy:check -- --write\`.\n${rendered}`;
}

function buildHelm(): string {
	console.log(`building ${helmModule} into ${cache}`);
	mkdirSync(join(cache, 'bin'), { recursive: true });
	const go = existsSync('/usr/local/go/bin/go') ? '/usr/local/go/bin/go' : 'go';
	execFileSync(go, ['install', helmModule], { env: { ...process.env, GOBIN: join(cache, 'bin') }, stdio: 'inherit' });
	return join(cache, 'bin/helm');
}

interface Model {
	new (manifest: unknown): { validate(): void };
}

/** Throws at the first manifest that Kubernetes would refuse. */
async function validate(rendered: string): Promise<string[]> {
	const models = join(cache, 'node_modules/kubernetes-models');
	if (!existsSync(models)) {
		mkdirSync(cache, { recursive: true });
		writeFileSync(join(cache, 'package.json'), '{ "private": true }\n');
		execFileSync('npm', ['install', modelsPackage, '--no-audit', '--no-fund'], { cwd: cache, stdio: 'inherit' });
	}
	const kinds: string[] = [];
	for (const document of parseAllDocuments(rendered)) {
		const manifest = document.toJS() as { apiVersion: string; kind: string };
		const path = pathToFileURL(join(models, manifest.apiVersion, `${manifest.kind}.js`)).href;
		const found = (await import(path)) as Record<string, Model>;
		const Kind = found[manifest.kind];
		if (Kind === undefined) throw new Error(`${path} has no ${manifest.kind}`);
		new Kind(manifest).validate();
		kinds.push(manifest.kind);
	}
	return kinds;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const helm = findHelm() ?? buildHelm();
	console.log(lint(helm).trim());
	for (const variant of Object.keys(VARIANTS)) {
		const rendered = render(helm, variant);
		console.log(`${variant}: ${(await validate(rendered)).join(', ')} as Kubernetes has them`);
		const path = renderedPath(variant);
		if (process.argv.includes('--write')) writeFileSync(path, rendered);
		else if (!existsSync(path) || readFileSync(path, 'utf8') !== rendered) {
			console.error(`${path} is of another chart: npm run deploy:check -- --write`);
			process.exitCode = 1;
		}
	}
}
