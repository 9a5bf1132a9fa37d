import * as crypto from 'node:crypto';
import { argon2Verify } from 'hash-wasm';
import { expect, test } from 'vitest';
import { byWasm, hashPassword, verifyPassword } from './password.ts';

const password = 'pässword ☕ long';

test('what is kept is Argon2id in its usual form, which another implementation verifies', async () => {
	const stored = await hashPassword(password);
	expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
	expect(await argon2Verify({ password, hash: stored })).toBe(true);
	expect(await hashPassword(password)).not.toBe(stored);
});

test.skipIf(typeof crypto.argon2 !== 'function')('releases of Node.js without it hash alike', async () => {
	const stored = await hashPassword(password, byWasm);
	expect(await verifyPassword(password, stored)).toBe(true);
	expect(await verifyPassword(password, await hashPassword(password), byWasm)).toBe(true);
});

test('another password, and any for nobody, is refused', async () => {
	const stored = await hashPassword(password);
	expect(await verifyPassword(`${password} `, stored)).toBe(false);
	expect(await verifyPassword('', stored)).toBe(false);
	expect(await verifyPassword(password, undefined)).toBe(false);
});
