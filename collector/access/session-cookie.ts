import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { ProblemError } from '../problem.ts';
import { hostName, loopbackHosts } from './host-guard.ts';
import { SESSION_MS } from './sessions.ts';

/**
 * The cookie of a session. Over https it is `__Host-`: browsers then send it to this host alone, encrypted alone. Over plain
 * http it has another name, and only where nobody is on the way: on this machine, or where SPANHOUSE_PUBLIC_URL says so.
 */
export class SessionCookie {
	readonly #publicUrl: URL | undefined;
	readonly #isTls: boolean;
	readonly #basePath: string;

	constructor(publicUrl: string | undefined, { basePath, tlsCert }: { basePath: string; tlsCert: string }) {
		this.#isTls = tlsCert !== '';
		this.#publicUrl = publicUrl === undefined ? undefined : new URL(publicUrl);
		this.#basePath = basePath;
	}

	read(c: Context): string | undefined {
		return this.#isSecure ? getCookie(c, 'spanhouse', 'host') : getCookie(c, 'spanhouse-plain');
	}

	/** Throws a ProblemError of 403 where a password would have travelled in the open. */
	checkWay(c: Context): void {
		const isHere = loopbackHosts('').has(hostName(c.req.header('host') ?? ''));
		if (isHere || this.#isTls || this.#publicUrl !== undefined) return;
		throw new ProblemError(
			403,
			'INSECURE_LOGIN',
			'nobody logs in over plain http from another machine: set SPANHOUSE_TLS_CERT and SPANHOUSE_TLS_KEY, or put a proxy with TLS in front and set SPANHOUSE_PUBLIC_URL to its address',
		);
	}

	write(c: Context, secret: string): void {
		const common = { httpOnly: true, sameSite: 'Lax', maxAge: SESSION_MS / 1_000 } as const;
		if (this.#isSecure) setCookie(c, 'spanhouse', secret, { ...common, path: '/', secure: true, prefix: 'host' });
		else setCookie(c, 'spanhouse-plain', secret, { ...common, path: this.#basePath });
	}

	clear(c: Context): void {
		if (this.#isSecure) deleteCookie(c, 'spanhouse', { path: '/', secure: true, prefix: 'host' });
		else deleteCookie(c, 'spanhouse-plain', { path: this.#basePath });
	}

	/** Binds a login that another site has a part in to the browser that began it. */
	writeState(c: Context, state: string): void {
		const common = { httpOnly: true, sameSite: 'Lax', maxAge: 600 } as const;
		if (this.#isSecure) setCookie(c, 'spanhouse-state', state, { ...common, path: '/', secure: true, prefix: 'host' });
		else setCookie(c, 'spanhouse-state', state, { ...common, path: this.#basePath });
	}

	/** What `writeState` wrote; works once. */
	takeState(c: Context): string | undefined {
		if (this.#isSecure) {
			const state = getCookie(c, 'spanhouse-state', 'host');
			deleteCookie(c, 'spanhouse-state', { path: '/', secure: true, prefix: 'host' });
			return state;
		}
		const state = getCookie(c, 'spanhouse-state');
		deleteCookie(c, 'spanhouse-state', { path: this.#basePath });
		return state;
	}

	get #isSecure(): boolean {
		return this.#publicUrl === undefined ? this.#isTls : this.#publicUrl.protocol === 'https:';
	}
}
