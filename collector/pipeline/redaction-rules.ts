import { redactCredentials } from './redaction-url.ts';

/** A kind of secret that can stand anywhere in a text. */
export interface SecretRule {
	/** What is counted and shown. */
	name: string;
	/** ASCII texts of at least 2 characters one of which stands in every match, so that values without any are not looked at twice. */
	contains: readonly string[];
	/** The text without the secrets; the same text when there are none. */
	replace: (text: string) => string;
}

export const REDACTED = 'REDACTED';

/** A rule that replaces all that `pattern` matches, but for its groups, which stay: `(Bearer )\S+`. */
export function patternRule(name: string, contains: readonly string[], pattern: RegExp): SecretRule {
	return {
		name,
		contains,
		replace: (text) =>
			text.replaceAll(pattern, (_match, kept: unknown) => (typeof kept === 'string' ? kept : '') + REDACTED),
	};
}

/**
 * Secrets that can be told by their form. A pattern begins only where a run of its characters begins, so that hostile
 * text is read once; and it never matches a quote or the backslash before one, so that it never ends a JSON string.
 */
export const SECRET_RULES: readonly SecretRule[] = [
	{ name: 'url-credentials', contains: ['://'], replace: redactCredentials },
	patternRule(
		'authorization',
		['Bearer ', 'bearer ', 'BEARER ', 'Basic ', 'basic ', 'BASIC '],
		// "bearer authentication" is prose: a token has capitals, digits or padding.
		/\b((?:[Bb]earer|BEARER|[Bb]asic|BASIC) )(?=[a-z._~+/-]{0,4096}[A-Z0-9=])[A-Za-z0-9._~+/=-]{8,}/g,
	),
	// RFC 7519: the header begins with `{"`, which is `eyJ` in base64.
	patternRule('json-web-token', ['eyJ'], /(?<![\w-])eyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*)?/g),
	patternRule(
		'password-setting',
		['assword=', 'ASSWORD=', 'pwd=', 'Pwd=', 'PWD='],
		/((?:^|[;&] ?|--)(?:password|pwd)=)(?!REDACTED)[^\s;,&"'\\]+/gi,
	),
	patternRule('aws-access-key', ['AKIA', 'ASIA'], /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g),
	patternRule(
		'private-key',
		['PRIVATE KEY-----'],
		/-----BEGIN [A-Z ]{0,32}PRIVATE KEY-----(?:[^"\\-]|\\[^"]|-(?!----))*(?:-----END [A-Z ]{0,32}PRIVATE KEY-----)?/g,
	),
	patternRule(
		'github-token',
		['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_pat_'],
		/\b(?:gh[pousr]_|github_pat_)\w{20,}/g,
	),
	patternRule(
		'slack-token',
		['xoxb-', 'xoxp-', 'xoxa-', 'xoxr-', 'xoxs-', 'xapp-'],
		/\b(?:xox[abprs]|xapp)-[A-Za-z0-9-]{10,}/g,
	),
	patternRule('stripe-key', ['sk_live_', 'rk_live_'], /\b[rs]k_live_[A-Za-z0-9]{10,}/g),
	patternRule('google-api-key', ['AIza'], /\bAIza[A-Za-z0-9_-]{35}/g),
];

/** Off unless asked for: numbers of other kinds pass Luhn's check too, one in ten. */
export const CREDIT_CARD = 'credit-card';

const DIGIT_RUNS = /(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w.])/g;

export const redactCards = (text: string): string =>
	text.replaceAll(DIGIT_RUNS, (run) => (passesLuhn(run) ? REDACTED : run));

/** ISO/IEC 7812-1, annex B. */
function passesLuhn(run: string): boolean {
	const digits = run.replaceAll(/\D/g, '');
	let sum = 0;
	for (let i = 0; i < digits.length; i++) {
		const digit = Number(digits[digits.length - 1 - i]);
		const doubled = digit * 2;
		sum += i % 2 === 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
	}
	return sum % 10 === 0 && sum > 0;
}
