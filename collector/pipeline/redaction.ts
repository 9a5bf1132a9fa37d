import { REDACTED_VALUE, redactMembers } from './redaction-members.ts';
import { Needles } from './redaction-needles.ts';
import type { SecretRule } from './redaction-rules.ts';
import { CREDIT_CARD, REDACTED, redactCards, SECRET_RULES } from './redaction-rules.ts';
import type { QueryKeys } from './redaction-url.ts';
import { plainName, redactQuery, SECRET_QUERY_KEYS, SPEC_QUERY_KEYS } from './redaction-url.ts';

export interface RedactionOptions {
	/** Keys of query strings whose values are secret, besides the usual ones. */
	queryKeys?: readonly string[];
	/** Attributes whose whole value is secret, by their full name or by its last part: `app.pin`, `pin`. */
	attributes?: readonly string[];
	/** Further secrets that are told by their form. */
	rules?: readonly SecretRule[];
	creditCards?: boolean;
}

export interface Redaction {
	value: string;
	/** What was found, to be counted: never the value itself. */
	rule: string;
}

/** What an attribute is by its key. To be asked for once a key, not once a value. */
export type AttributeClass = 'secret' | 'address' | 'query' | 'text';

/** Last parts of attribute names whose values are secrets: headers, parameters, settings. As `plainName` gives them. */
const SECRET_ATTRIBUTES = [
	'authorization',
	'proxy-authorization',
	'cookie',
	'set-cookie',
	'x-api-key',
	'x-auth-token',
	'x-access-token',
	'x-csrf-token',
	'x-amz-security-token',
	'password',
	'passwd',
	'pwd',
	'secret',
	'client_secret',
	'api_key',
	'access_token',
	'refresh_token',
	'id_token',
	'auth_token',
	'session_token',
	'token',
	'private_key',
	'secret_key',
	'credentials',
].map(plainName);

const ADDRESSES = new Set([
	'url.full',
	'url.original',
	'http.url',
	'http.target',
	'url.path',
	'http.path',
	'request.url',
	'uri',
]);
const QUERIES = new Set(['url.query', 'http.query', 'url.fragment']);

/** Keys whose class is kept; more than that are not told apart by programs but by attackers. */
const MAX_KEPT_KEYS = 10_000;
const MAX_KEY_LENGTH = 256;

/**
 * Takes secrets out of attributes before anything is kept. Secrets are told by the key, by their place in an address, or
 * by their form; of a normal value only one look at each character is taken.
 */
export class Redactor {
	readonly #attributes: ReadonlySet<string>;
	readonly #queryKeys: QueryKeys;
	readonly #rules: readonly SecretRule[];
	readonly #needles: Needles;
	readonly #hasCards: boolean;
	readonly #classes = new Map<string, AttributeClass>();

	constructor(options: RedactionOptions = {}) {
		this.#attributes = new Set([...SECRET_ATTRIBUTES, ...(options.attributes ?? []).map(plainName)]);
		this.#queryKeys = {
			exact: new Set(SPEC_QUERY_KEYS),
			plain: new Set([...SECRET_QUERY_KEYS, ...(options.queryKeys ?? [])].map(plainName)),
		};
		this.#rules = [...SECRET_RULES, ...(options.rules ?? [])];
		this.#needles = new Needles(this.#rules.map((rule) => rule.contains));
		this.#hasCards = options.creditCards ?? false;
	}

	/** What the key says about its values. */
	classOf(key: string): AttributeClass {
		const known = this.#classes.get(key);
		if (known !== undefined) return known;
		const found = this.#findClass(key);
		if (this.#classes.size < MAX_KEPT_KEYS && key.length <= MAX_KEY_LENGTH) this.#classes.set(key, found);
		return found;
	}

	/** False when there is certainly nothing to redact, so that a value need not be decoded. */
	mayHoldSecret(attributeClass: AttributeClass, bytes: Uint8Array, start = 0, end = bytes.length): boolean {
		if (start === end) return false;
		if (attributeClass === 'secret') return true;
		if (attributeClass !== 'text' && holdsByte(EQUALS, bytes, start, end)) return true;
		if (this.#hasCards && end - start >= SHORTEST_CARD && countDigits(bytes, start, end) >= SHORTEST_CARD) return true;
		const found = this.#needles.inBytes(bytes, start, end);
		// Most of what has a scheme is an address without a user.
		return found === CREDENTIALS_BIT ? holdsByte(AT_SIGN, bytes, start, end) : found !== 0;
	}

	/** The value without its secrets, and what they were; undefined when there are none. */
	redact(key: string, value: string): Redaction | undefined {
		if (value === '') return undefined;
		const attributeClass = this.classOf(key);
		if (attributeClass === 'secret') return value === REDACTED ? undefined : { value: REDACTED, rule: 'attribute' };
		let redacted = value;
		let rule = '';
		if (attributeClass !== 'text') {
			redacted = redactQuery(value, this.#queryKeys, attributeClass === 'query');
			if (redacted !== value) rule = 'query-key';
		}
		return this.#redactForms(value, redacted, rule);
	}

	/** The same for a value that isn't text: OTLP/JSON AnyValue, in which secret keys and forms are looked for, but no addresses. */
	redactAnyValue(key: string, json: string): Redaction | undefined {
		if (this.classOf(key) === 'secret') {
			return json === REDACTED_VALUE ? undefined : { value: REDACTED_VALUE, rule: 'attribute' };
		}
		const redacted = redactMembers(json, (member) => this.classOf(member) === 'secret');
		return this.#redactForms(json, redacted, redacted === json ? '' : 'attribute');
	}

	#redactForms(value: string, redactedSoFar: string, ruleSoFar: string): Redaction | undefined {
		let redacted = redactedSoFar;
		let rule = ruleSoFar;
		const found = this.#needles.inText(redacted);
		for (let i = 0; found >>> i !== 0; i++) {
			const candidate = this.#rules[i];
			if (((found >>> i) & 1) === 0 || candidate === undefined) continue;
			const next = candidate.replace(redacted);
			if (next !== redacted) rule ||= candidate.name;
			redacted = next;
		}
		if (this.#hasCards && redacted.length >= SHORTEST_CARD) {
			const next = redactCards(redacted);
			if (next !== redacted) rule ||= CREDIT_CARD;
			redacted = next;
		}
		return redacted === value ? undefined : { value: redacted, rule };
	}

	#findClass(key: string): AttributeClass {
		if (key.length > MAX_KEY_LENGTH) return 'text';
		const lastPart = key.slice(key.lastIndexOf('.') + 1);
		if (this.#attributes.has(plainName(lastPart)) || this.#attributes.has(plainName(key))) return 'secret';
		const name = key.toLowerCase();
		if (ADDRESSES.has(name) || plainName(lastPart) === 'referer' || plainName(lastPart) === 'location')
			return 'address';
		return QUERIES.has(name) ? 'query' : 'text';
	}
}

const CREDENTIALS_BIT = 1 << SECRET_RULES.findIndex(({ name }) => name === 'url-credentials');
const EQUALS = 0x3d;
const AT_SIGN = 0x40;
const SHORTEST_CARD = 13;

function holdsByte(byte: number, bytes: Uint8Array, start: number, end: number): boolean {
	for (let i = start; i < end; i++) if (bytes[i] === byte) return true;
	return false;
}

function countDigits(bytes: Uint8Array, start: number, end: number): number {
	let count = 0;
	for (let i = start; i < end; i++) if ((bytes[i] ?? 0) >= 0x30 && (bytes[i] ?? 0) <= 0x39) count++;
	return count;
}
