import * as crypto from 'node:crypto';
import { promisify } from 'node:util';
import { argon2id } from 'hash-wasm';
import { ProblemError } from '../problem.ts';

/** RFC 9106, with the parameters that OWASP's Password Storage Cheat Sheet asks for at least: 19 MiB, two passes, one lane. */
const memoryKib = 19_456;
const passes = 2;
const lanes = 1;
const hashBytes = 32;
const saltBytes = 16;
/** Each holds 19 MiB and a thread: more than these are asked to come again. */
const maxAtOnce = 8;

interface Parameters {
	memoryKib: number;
	passes: number;
	lanes: number;
	salt: Uint8Array;
}

type Argon2 = (password: string, parameters: Parameters) => Promise<Uint8Array>;

/** In OpenSSL's threads, from Node.js 24.7 on. */
const byNode: Argon2 = (password, { memoryKib, passes, lanes, salt }) =>
	promisify(crypto.argon2)('argon2id', {
		message: password,
		nonce: salt,
		memory: memoryKib,
		passes,
		parallelism: lanes,
		tagLength: hashBytes,
	});

/** On older releases; holds up the event loop for a tenth of a second, and twice as long as the other. */
export const byWasm: Argon2 = (password, { memoryKib, passes, lanes, salt }) =>
	argon2id({
		password,
		salt,
		memorySize: memoryKib,
		iterations: passes,
		parallelism: lanes,
		hashLength: hashBytes,
		outputType: 'binary',
	});

const argon2: Argon2 = typeof crypto.argon2 === 'function' ? byNode : byWasm;
let atOnce = 0;

/** In the form that argon2's own tool writes: `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`. */
export async function hashPassword(password: string, argon: Argon2 = argon2): Promise<string> {
	const salt = crypto.randomBytes(saltBytes);
	const hash = await bounded(() => argon(password, { memoryKib, passes, lanes, salt }));
	return `$argon2id$v=19$m=${memoryKib},t=${passes},p=${lanes}$${base64(salt)}$${base64(hash)}`;
}

/** Takes as long for a user that there is none of: `stored` is undefined then. */
export async function verifyPassword(password: string, stored: string | undefined, argon = argon2): Promise<boolean> {
	const [, , , costs = '', salt = '', hash = ''] = (stored ?? (await nobody())).split('$');
	const [, m, t, p] = /^m=(\d+),t=(\d+),p=(\d+)$/.exec(costs) ?? [];
	const parameters = { memoryKib: Number(m), passes: Number(t), lanes: Number(p), salt: Buffer.from(salt, 'base64') };
	const found = await bounded(() => argon(password, parameters));
	const expected = Buffer.from(hash, 'base64');
	return stored !== undefined && found.length === expected.length && crypto.timingSafeEqual(found, expected);
}

let hashOfNobody: Promise<string> | undefined;
const nobody = (): Promise<string> => (hashOfNobody ??= hashPassword(crypto.randomUUID()));

async function bounded<Result>(work: () => Promise<Result>): Promise<Result> {
	if (atOnce >= maxAtOnce) {
		throw new ProblemError(503, 'LOGIN_BUSY', 'too many logins at once; try again', { retryAfterMs: 1_000 });
	}
	atOnce += 1;
	try {
		return await work();
	} finally {
		atOnce -= 1;
	}
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64').replaceAll('=', '');
