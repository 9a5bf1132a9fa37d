const MAX_NAME_LENGTH = 256;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** What stands between separators. The dash belongs to it, so that a UUID is one piece. */
const PIECES = /[A-Za-z0-9_-]+/g;
const WORDS = /[A-Za-z0-9]+/g;

/** Digits alone, hexadecimal digits of at least 8 with a number among them, or a long mixture as tokens are. */
function isIdentifier(word: string): boolean {
	if (/^[0-9]+$/.test(word)) return true;
	if (!/[0-9]/.test(word)) return false;
	if (word.length >= 8 && /^[0-9a-f]+$/i.test(word)) return true;
	return word.length >= 16 && /[a-z]/.test(word) && /[A-Z]/.test(word) && isShuffled(word);
}

/** In a token about every second character is of another kind than the one before; in `Travel2Controller` every fourth. */
function isShuffled(word: string): boolean {
	const runs = word.match(/[a-z]+|[A-Z]+|[0-9]+/g) ?? [];
	return runs.length > word.length / 3;
}

const maskWord = (word: string): string => (isIdentifier(word) ? '{id}' : word.replaceAll(/[0-9]{4,}/g, '{id}'));

/** A name without the numbers and ids that would make it a new one for each request: `GET /users/123` → `GET /users/{id}`. */
export function maskIdentifiers(name: string): string {
	// Cut first, so that the time spent is bounded too. Whole characters only: half of a pair is no text.
	const short = name.length > MAX_NAME_LENGTH ? name.slice(0, MAX_NAME_LENGTH).replace(/[\uD800-\uDBFF]$/, '') : name;
	if (!/[0-9]/.test(short)) return short;
	return short.replaceAll(PIECES, (piece) => (UUID.test(piece) ? '{id}' : piece.replaceAll(WORDS, maskWord)));
}
