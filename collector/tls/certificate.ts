import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { Server, TlsOptions } from 'node:tls';
import type { Log } from '../log.ts';
import { messageOf } from '../problem.ts';

interface CertificateParts {
	certPath: string;
	keyPath: string;
	/** Unix milliseconds. */
	clock: () => number;
	log: Log;
	/** How often the files are looked at. */
	lookEveryMs?: number;
}

interface Loaded {
	cert: Buffer;
	key: Buffer;
	validToMs: number;
}

const usualLookEveryMs = 5_000;
/** Whoever connects and says nothing is let go. */
const handshakeTimeout = 10_000;
const soonMs = 14 * 86_400_000;

/**
 * A certificate and its key, from files that somebody renews: new connections get the new one, those that are open stay as
 * they are. Files that don't fit together are told and left alone, as while the second one is still being written.
 */
export class Certificate {
	readonly #parts: CertificateParts;
	readonly #servers = new Set<Server>();
	readonly #timer: NodeJS.Timeout;
	#loaded: Loaded;
	#problem: string | null = null;

	/** Throws an Error that names the file and what is wrong with it. */
	constructor(parts: CertificateParts) {
		this.#parts = parts;
		this.#loaded = load(parts);
		this.#warn(this.#loaded);
		this.#timer = setInterval(() => this.look(), parts.lookEveryMs ?? usualLookEveryMs);
		this.#timer.unref();
	}

	/** For a server that is made now; `follow` keeps it up to date. */
	options(): TlsOptions {
		const { cert, key } = this.#loaded;
		return { cert, key, minVersion: 'TLSv1.2', handshakeTimeout };
	}

	/** PEM, for whoever has to trust it. */
	get pem(): Buffer {
		return this.#loaded.cert;
	}

	follow<Followed extends Server>(server: Followed): Followed {
		this.#servers.add(server);
		server.once('close', () => this.#servers.delete(server));
		return server;
	}

	state(): { validToMs: number; problem: string | null } {
		return { validToMs: this.#loaded.validToMs, problem: this.#problem };
	}

	/** Reads the files, and takes what they hold when it is new and good. */
	look(): void {
		const { certPath, keyPath, log } = this.#parts;
		try {
			const found = load(this.#parts);
			this.#problem = null;
			if (found.cert.equals(this.#loaded.cert) && found.key.equals(this.#loaded.key)) return;
			this.#loaded = found;
			for (const server of this.#servers) server.setSecureContext(this.options());
			log.info({ certPath, validTo: new Date(found.validToMs).toISOString() }, 'the TLS certificate was renewed');
			this.#warn(found);
		} catch (error) {
			const problem = messageOf(error);
			if (problem !== this.#problem) log.warn({ certPath, keyPath, problem }, 'the TLS certificate was not renewed');
			this.#problem = problem;
		}
	}

	close(): void {
		clearInterval(this.#timer);
	}

	#warn({ validToMs }: Loaded): void {
		const { certPath, keyPath, clock, log } = this.#parts;
		const leftMs = validToMs - clock();
		const validTo = new Date(validToMs).toISOString();
		if (leftMs <= 0) log.warn({ certPath, validTo }, 'the TLS certificate is over: clients will refuse it');
		else if (leftMs < soonMs) log.warn({ certPath, validTo }, 'the TLS certificate is over soon');
		// Not refused: secrets are mounted so into containers that nobody else is in.
		if ((statSync(keyPath).mode & 0o004) !== 0) log.warn({ keyPath }, 'everybody on this machine can read the TLS key');
	}
}

function load({ certPath, keyPath }: CertificateParts): Loaded {
	const cert = read('SPANHOUSE_TLS_CERT', certPath);
	const key = read('SPANHOUSE_TLS_KEY', keyPath);
	const parsed = of('SPANHOUSE_TLS_CERT', certPath, 'a certificate in PEM', () => new X509Certificate(cert));
	const parsedKey = of('SPANHOUSE_TLS_KEY', keyPath, 'a private key in PEM without a passphrase', () =>
		createPrivateKey(key),
	);
	if (!parsed.checkPrivateKey(parsedKey)) {
		throw new Error(`SPANHOUSE_TLS_KEY: ${keyPath} is not the key of the certificate in ${certPath}`);
	}
	// What the two checks let through and OpenSSL doesn't take: a chain that is cut, a key that is too weak.
	of('SPANHOUSE_TLS_CERT', certPath, 'a chain that TLS can use', () => createSecureContext({ cert, key }));
	return { cert, key, validToMs: Date.parse(parsed.validTo) };
}

function read(variable: string, path: string): Buffer {
	try {
		return readFileSync(path);
	} catch (error) {
		throw new Error(`${variable}: ${path} can't be read: ${messageOf(error)}`, { cause: error });
	}
}

function of<Parsed>(variable: string, path: string, expected: string, parse: () => Parsed): Parsed {
	try {
		return parse();
	} catch (error) {
		throw new Error(`${variable}: ${path} does not hold ${expected} (${messageOf(error)})`, { cause: error });
	}
}
