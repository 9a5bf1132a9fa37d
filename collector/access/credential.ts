import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** What begins a credential, so that people and scanners for leaked secrets know it by sight. */
export const PREFIXES = { ingest: 'sph_', token: 'spt_', session: '', invitation: '' } as const;
export type CredentialKind = keyof typeof PREFIXES;

export interface NewCredential {
	/** Shown once and kept nowhere. */
	secret: string;
	/** What is kept. 256 random bits need no slow hash. */
	hash: string;
	/** By which people tell credentials apart. */
	last4: string;
}

const checksumLength = 6;

/** 256 random bits, with a checksum that tells one that was cut or mistyped from one that is unknown. */
export function newCredential(kind: CredentialKind): NewCredential {
	const random = randomBytes(32).toString('base64url');
	const secret = PREFIXES[kind] + random + checksumOf(random);
	return { secret, hash: hashOf(secret), last4: last4Of(secret) };
}

/** Whether it has the form of one: an unknown one then was revoked, or belongs to another Spanhouse. */
export function isWellFormed(kind: CredentialKind, secret: string): boolean {
	const prefix = PREFIXES[kind];
	if (!secret.startsWith(prefix)) return false;
	const rest = secret.slice(prefix.length);
	const random = rest.slice(0, -checksumLength);
	return random.length === 43 && rest.slice(-checksumLength) === checksumOf(random);
}

/** SHA-256 in hex: a lookup by it tells nothing about the secret by the time it takes. */
export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

export const last4Of = (secret: string): string => secret.slice(-4);

const checksumOf = (text: string): string => crc32(text).toString(36).padStart(7, '0').slice(-checksumLength);
