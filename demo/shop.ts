/** The shop's processes: what runs, with what settings, in which order, and how all of it ends. */
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Child } from './child.ts';
import type { DemoOptions } from './options.ts';

const DATABASES = ['catalog', 'cart', 'checkout'] as const;
/** In the order of their start: none is called before it runs. */
const SERVICES = ['catalog', 'inventory', 'payment', 'cart', 'checkout', 'mail-worker', 'web'] as const;
type ServiceName = (typeof SERVICES)[number];

const firstVersion = '1.4.2';
export const secondVersion = '2.0.0';

const here = fileURLToPath(new URL('.', import.meta.url));
const checkout = fileURLToPath(new URL('..', import.meta.url));

/** WebAssembly's optimising compiler takes memory and time that a few minutes of small queries don't give back. */
const DATABASE_FLAGS = ['--liftoff-only', '--no-warnings'];

export class Shop {
	readonly #options: DemoOptions;
	readonly #folder: string;
	readonly #children = new Set<Child>();
	readonly #services = new Map<ServiceName, Child>();
	readonly #urls = new Map<string, string>();
	readonly #onLoss: (name: string) => void;

	private constructor(options: DemoOptions, folder: string, onLoss: (name: string) => void) {
		this.#options = options;
		this.#folder = folder;
		this.#onLoss = onLoss;
	}

	/** `onLoss` hears of a process that ends unasked. */
	static async create(options: DemoOptions, onLoss: (name: string) => void): Promise<Shop> {
		return new Shop(options, await mkdtemp(join(tmpdir(), 'spanhouse-demo-')), onLoss);
	}

	async open(): Promise<void> {
		await mkdir(join(this.#folder, 'queue'));
		await this.#startDatabases();
		for (const name of SERVICES) this.#services.set(name, await this.#startService(name, firstVersion));
	}

	async letPeopleIn(): Promise<void> {
		await this.#start('load', [join(here, 'load/main.ts')], {});
	}

	/** The new version runs before the old one goes, as a rolling deployment does. */
	async deployInventory(): Promise<void> {
		const old = this.#services.get('inventory');
		const next = await this.#startService('inventory', secondVersion);
		this.#services.set('inventory', next);
		for (const name of ['checkout', 'web'] as const) {
			this.#services.get(name)?.tellPeerMoved('INVENTORY_URL', this.#urls.get('INVENTORY_URL') ?? '');
		}
		await old?.stop();
	}

	/** People first, then what they used, then the databases; nothing is left, in memory or on disk. */
	async close(): Promise<void> {
		const isDatabase = (child: Child): boolean => child.name.startsWith('postgres');
		const running = [...this.#children];
		await Promise.all(running.filter((child) => child.name === 'load').map((child) => child.stop()));
		await Promise.all(
			running.filter((child) => !isDatabase(child) && child.name !== 'load').map((child) => child.stop()),
		);
		await Promise.all(running.filter(isDatabase).map((child) => child.stop()));
		await rm(this.#folder, { recursive: true, force: true });
	}

	async #startDatabases(): Promise<void> {
		const empty = join(this.#folder, 'empty');
		const script = join(here, 'postgres.ts');
		const initialiser = this.#spawn('postgres init', [script, 'init', empty], {}, ['--no-warnings']);
		await initialiser.ended;
		await Promise.all(
			DATABASES.map(async (name) => {
				const folder = join(this.#folder, name);
				await cp(empty, folder, { recursive: true });
				const url = await this.#start(
					`postgres ${name}`,
					[script, 'serve', folder, join(here, `databases/${name}.sql`)],
					{},
					DATABASE_FLAGS,
				);
				this.#urls.set(`${name} database`, url);
			}),
		);
	}

	async #startService(name: ServiceName, version: string): Promise<Child> {
		const flags = ['--import', '@spanhouse/sdk/register'];
		const child = this.#spawn(name, [join(here, `services/${name}.ts`)], this.#tracing(name, version), flags);
		this.#urls.set(`${name.toUpperCase()}_URL`, await child.ready());
		return child;
	}

	/** What a person would put into the environment of a service to have it traced. */
	#tracing(name: ServiceName, version: string): NodeJS.ProcessEnv {
		const database = this.#urls.get(`${name} database`);
		return {
			OTEL_SERVICE_NAME: name,
			OTEL_RESOURCE_ATTRIBUTES: `service.namespace=shop,service.version=${version},deployment.environment.name=demo`,
			OTEL_EXPORTER_OTLP_ENDPOINT: this.#options.endpoint,
			OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: '',
			OTEL_BSP_SCHEDULE_DELAY: '1000',
			SHOP_RELEASE: version,
			...(database === undefined ? {} : { DATABASE_URL: database }),
		};
	}

	async #start(name: string, args: string[], env: NodeJS.ProcessEnv, flags: string[] = []): Promise<string> {
		return this.#spawn(name, args, env, flags).ready();
	}

	#spawn(name: string, args: string[], env: NodeJS.ProcessEnv, nodeFlags: string[]): Child {
		const child = new Child({
			name,
			nodeFlags,
			args,
			cwd: checkout,
			env: {
				...process.env,
				...Object.fromEntries([...this.#urls].filter(([key]) => key.endsWith('_URL'))),
				QUEUE_FOLDER: join(this.#folder, 'queue'),
				SHOP_SEED: String(this.#options.seed),
				SHOP_RATE: String(this.#options.ratePerSecond),
				SHOP_MINUTES: String(this.#options.minutes),
				...env,
			},
		});
		this.#children.add(child);
		void child.ended.then(() => {
			this.#children.delete(child);
			if (!child.isStopping && name !== 'postgres init') this.#onLoss(name);
		});
		return child;
	}
}
