import { cutQuery } from './query-cut.ts';

/** How the arguments of a command are arranged: which are keys or fields, which are values. */
type Arrangement =
	/** All are keys: `MGET a b`. */
	| 'keys'
	/** A key, then values: `SET a ?`. */
	| 'key'
	/** A key, then fields: `HMGET a f g`. */
	| 'fields'
	/** A key, then fields each with a value: `HSET a f ? g ?`. */
	| 'fieldPairs'
	/** Keys each with a value: `MSET a ? b ?`. */
	| 'keyPairs';

const ARRANGEMENTS: ReadonlyMap<string, Arrangement> = new Map(
	(
		[
			[
				'keys',
				'DEL EXISTS EXPIRETIME MGET PFCOUNT SDIFF SINTER SUNION TOUCH TTL PTTL TYPE UNLINK WATCH RENAME RENAMENX',
			],
			[
				'key',
				'APPEND BITCOUNT BITFIELD BITPOS DECR DECRBY DUMP EXPIRE EXPIREAT GEOADD GEODIST GEOPOS GEOSEARCH GET GETBIT GETDEL GETEX GETRANGE GETSET HGETALL HKEYS HLEN HSCAN HVALS INCR INCRBY INCRBYFLOAT LINDEX LINSERT LLEN LPOP LPOS LPUSH LPUSHX LRANGE LREM LSET LTRIM PERSIST PEXPIRE PEXPIREAT PFADD PSETEX RESTORE RPOP RPUSH RPUSHX SADD SCARD SET SETBIT SETEX SETNX SETRANGE SISMEMBER SMEMBERS SMISMEMBER SPOP SRANDMEMBER SREM SSCAN STRLEN SUBSTR XADD XDEL XLEN XRANGE XREVRANGE XTRIM ZADD ZCARD ZCOUNT ZINCRBY ZRANGE ZRANGEBYSCORE ZRANK ZREM ZREMRANGEBYSCORE ZREVRANGE ZREVRANK ZSCAN ZSCORE',
			],
			['fields', 'HDEL HEXISTS HGET HMGET HSTRLEN HTTL'],
			['fieldPairs', 'HSET HMSET HSETNX HINCRBY HINCRBYFLOAT'],
			['keyPairs', 'MSET MSETNX'],
		] as const
	).flatMap(([arrangement, commands]) => commands.split(' ').map((command) => [command, arrangement] as const)),
);

const KEPT: Readonly<Record<Arrangement, (index: number) => boolean>> = {
	keys: () => true,
	key: (index) => index === 0,
	fields: () => true,
	fieldPairs: (index) => index === 0 || index % 2 === 1,
	keyPairs: (index) => index % 2 === 0,
};

const ARGUMENT = /"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|\S+/gs;
const MAX_ARGUMENTS = 64;
const COMMAND_NAME = /^[A-Za-z][\w.-]{0,31}$/;
/** A piece of a key that names something rather than somebody: letters, and at most two digits behind them. */
const KEY_WORD = /^[A-Za-z_]{1,24}\d{0,2}$/;
const KEY_PIECES = /[^:./|{}[\]#-]+/g;

export interface SanitisedCommand {
	text: string;
	summary: string;
	statements: number;
}

/**
 * Redis and Valkey: names of commands and fields stay, keys stay but for the pieces that tell one from another, values
 * become `?`: `HMSET cart:? field1 ? field2 ?`. A pipeline has a command on each line.
 * Source: semantic conventions, docs/db/redis.md.
 */
export function sanitiseRedis(query: string): SanitisedCommand {
	return sanitiseLines(query, (command, rest) => {
		const { words, isLonger } = argumentsOf(rest);
		const arrangement = ARRANGEMENTS.get(command.toUpperCase());
		const kept = arrangement === undefined ? (words.length === 0 ? [] : ['?']) : arranged(words, arrangement);
		if (isLonger && arrangement !== undefined) kept.push('…');
		return [command, ...kept].join(' ');
	});
}

/** Memcached, and databases of which nothing is known: the command stays, everything behind it becomes one `?`. */
export function sanitiseCommand(query: string): SanitisedCommand {
	return sanitiseLines(query, (command, rest) => (rest === '' ? command : `${command} ?`));
}

function sanitiseLines(query: string, sanitiseLine: (command: string, rest: string) => string): SanitisedCommand {
	const lines: string[] = [];
	const commands: string[] = [];
	for (const line of cutQuery(query).text.split('\n')) {
		const text = line.trim();
		if (text === '') continue;
		const commandEnd = text.search(/\s/);
		const first = commandEnd < 0 ? text : text.slice(0, commandEnd);
		const command = COMMAND_NAME.test(first) ? first : '?';
		const sanitised = command === '?' ? '?' : sanitiseLine(command, commandEnd < 0 ? '' : text.slice(commandEnd + 1));
		if (lines.at(-1) !== sanitised) lines.push(sanitised);
		if (command !== '?' && commands.at(-1) !== command) commands.push(command);
	}
	return { text: lines.join('\n'), summary: shortSummary(commands), statements: lines.length };
}

/** As many names as fit in 255 characters. */
function shortSummary(commands: readonly string[]): string {
	let summary = commands[0] ?? '';
	for (const command of commands.slice(1)) {
		if (summary.length + 1 + command.length > 255) break;
		summary += ` ${command}`;
	}
	return summary;
}

function argumentsOf(rest: string): { words: string[]; isLonger: boolean } {
	const words: string[] = [];
	for (const [word] of rest.matchAll(ARGUMENT)) {
		if (words.length === MAX_ARGUMENTS) return { words, isLonger: true };
		words.push(word);
	}
	return { words, isLonger: false };
}

function arranged(words: readonly string[], arrangement: Arrangement): string[] {
	const isKept = KEPT[arrangement];
	const masked = words.map((word, i) => (isKept(i) ? maskKey(word) : '?'));
	return arrangement.endsWith('Pairs') ? masked : distinctNeighbours(masked);
}

/** A hundred keys of one kind are one kind of call. */
const distinctNeighbours = (words: readonly string[]): string[] =>
	words.filter((word, i) => i === 0 || word !== words[i - 1]);

/** `cart:8f31:items` → `cart:?:items`. */
const maskKey = (key: string): string =>
	key.length > 256 ? '?' : key.replaceAll(KEY_PIECES, (piece) => (KEY_WORD.test(piece) ? piece : '?'));
