import type { Zone } from './time-format.ts';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

export const DENSITIES = ['compact', 'normal', 'comfortable'] as const;
export type Density = (typeof DENSITIES)[number];

/** The part of `localStorage` that is used; it may be blocked, then nothing is remembered. */
export type Memory = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

const key = (name: string): string => `spanhouse.${name}`;

/** What a reader chose for this browser: it isn't part of a link. */
export class Preferences {
	readonly #memory: Memory | undefined;
	readonly #root: HTMLElement;
	#theme: Theme = $state('system');
	#zone: Zone = $state('local');
	#density: Density = $state('normal');
	#hasSingleKeys = $state(true);
	#hasNotifications = $state(false);
	#isPrinting = $state(false);
	/** Counts changes of the theme that is in effect, by choice or by the system: canvases redraw on it. */
	#themeVersion = $state(0);

	constructor(options: { memory: Memory | undefined; root: HTMLElement }) {
		this.#memory = options.memory;
		this.#root = options.root;
		this.#theme = THEMES.find((theme) => theme === this.recall('theme')) ?? 'system';
		this.#zone = this.recall('zone') === 'utc' ? 'utc' : 'local';
		this.#hasSingleKeys = this.recall('single-keys') !== 'off';
		this.#density = DENSITIES.find((density) => density === this.recall('density')) ?? 'normal';
		this.#hasNotifications = this.recall('notifications') === 'on';
		this.#showTheme();
		this.#showDensity();
	}

	get density(): Density {
		return this.#density;
	}

	set density(density: Density) {
		this.#density = density;
		this.remember('density', density === 'normal' ? null : density);
		this.#showDensity();
	}

	get theme(): Theme {
		return this.#theme;
	}

	set theme(theme: Theme) {
		this.#theme = theme;
		this.remember('theme', theme === 'system' ? null : theme);
		this.#showTheme();
		this.themeChanged();
	}

	get themeVersion(): number {
		return this.#themeVersion;
	}

	/** From when the browser is about to print until it has. */
	get isPrinting(): boolean {
		return this.#isPrinting;
	}

	/** Paper is light, whatever the screen is; canvases are painted for it beforehand. */
	showPrinted(isPrinting: boolean): void {
		this.#isPrinting = isPrinting;
		this.#root.toggleAttribute('data-printing', isPrinting);
		if (isPrinting) delete this.#root.dataset.theme;
		else this.#showTheme();
		this.themeChanged();
	}

	/** Told by whoever watches the system's theme. */
	themeChanged(): void {
		this.#themeVersion++;
	}

	get zone(): Zone {
		return this.#zone;
	}

	set zone(zone: Zone) {
		this.#zone = zone;
		this.remember('zone', zone === 'local' ? null : zone);
	}

	/** Whether this browser tells what fires; the browser itself has to allow it, too. */
	get hasNotifications(): boolean {
		return this.#hasNotifications;
	}

	set hasNotifications(has: boolean) {
		this.#hasNotifications = has;
		this.remember('notifications', has ? 'on' : null);
	}

	/** Single-key shortcuts can be switched off (WCAG 2.1.4). */
	get hasSingleKeys(): boolean {
		return this.#hasSingleKeys;
	}

	set hasSingleKeys(has: boolean) {
		this.#hasSingleKeys = has;
		this.remember('single-keys', has ? null : 'off');
	}

	/** For smaller things, as the size of a panel. */
	recall(name: string): string | null {
		try {
			return this.#memory?.getItem(key(name)) ?? null;
		} catch {
			return null;
		}
	}

	remember(name: string, value: string | null): void {
		try {
			if (value === null) this.#memory?.removeItem(key(name));
			else this.#memory?.setItem(key(name), value);
		} catch {
			// Storage is full or blocked: the choice holds until the tab closes.
		}
	}

	#showDensity(): void {
		if (this.#density === 'normal') delete this.#root.dataset.density;
		else this.#root.dataset.density = this.#density;
	}

	#showTheme(): void {
		if (this.#theme === 'system') delete this.#root.dataset.theme;
		else this.#root.dataset.theme = this.#theme;
	}
}

/** Even reading the property throws where storage is blocked. */
export function browserMemory(): Memory | undefined {
	try {
		return localStorage;
	} catch {
		return undefined;
	}
}
