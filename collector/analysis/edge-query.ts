/** Which search finds the spans that an edge of the service map counts. */
import { OTHER_NAME } from '../../schema/service-map.ts';
import type { NodeType } from '../../schema/service-map.ts';
import type { MapEdge } from './service-map.ts';

/** A node, or a namespace: all of its services together. */
interface QueriedEnd {
	type: NodeType | 'group';
	name: string;
}
type QueriedEdge = Pick<MapEdge, 'type'> & { caller: QueriedEnd; callee: QueriedEnd };

/**
 * A query whose spans are those that the edge counts, but for the calls that nobody answers, and of which `also` holds.
 * Empty where no query says it.
 */
export function edgeQuery({ type, caller, callee }: QueriedEdge, also = ''): string {
	if (caller.name === OTHER_NAME || callee.name === OTHER_NAME) return '';
	const and = also === '' ? '' : ` ${also}`;
	const by = servicesOf(caller);
	switch (type) {
		case 'database':
			return `${by} type:db -kind:server ${madeOf(callee.name, 'db.system.name', ['db.namespace', 'server.address'])}${and}`;
		case 'messaging':
			return messagingQuery(caller, callee, and);
		case 'child':
			return `{${by} -kind:client -kind:producer} > {${servicesOf(callee)} kind:server${and}}`;
		case 'request':
			return callee.type === 'service' || callee.type === 'group'
				? `{${servicesOf(callee)} kind:server} < {${by} ${CALL}${and}}`
				: `{kind:server} !< {${by} ${CALL} ${firstOf(callee.name, ['service.peer.name', 'server.address'])}${and}}`;
	}
}

const CALL = 'kind:client -type:db -type:messaging';
const SEND = '(kind:producer OR (kind:client type:messaging -messaging.operation.type:(receive OR settle OR process)))';

/** Between services, by whom a consumer's message was sent: that is its parent, or, where that sends nothing, what it has links to. */
function messagingQuery(caller: QueriedEnd, callee: QueriedEnd, and: string): string {
	const place = ['messaging.destination.name'];
	if (callee.type === 'queue') {
		return `${servicesOf(caller)} ${SEND} ${madeOf(callee.name, 'messaging.system', place)}${and}`;
	}
	if (caller.type !== 'queue') {
		const [sent, worked] = [`{${servicesOf(caller)} ${SEND}}`, `{${servicesOf(callee)} kind:consumer${and}}`];
		return `(${sent} > ${worked}) || (${sent} -> ({${SEND}} !> ${worked}))`;
	}
	return `${servicesOf(callee)} kind:consumer ${madeOf(caller.name, 'messaging.system', place)}${and}`;
}

const servicesOf = ({ type, name }: QueriedEnd): string =>
	`${type === 'group' ? 'namespace' : 'service'}:${quoted(name)}`;

/** Literal, whatever it holds. */
const quoted = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;

/** The attribute that has the value, none of the ones before being there. Without a value none of them is there. */
function firstOf(value: string, keys: readonly string[]): string {
	if (value === '') return keys.map((key) => `-has:${key}`).join(' ');
	const cases = keys.map((key, index) =>
		[...keys.slice(0, index).map((before) => `-has:${before}`), `${key}:${quoted(value)}`].join(' '),
	);
	return cases.length === 1 ? (cases[0] ?? '') : `(${cases.map((one) => `(${one})`).join(' OR ')})`;
}

/** `postgresql:shop`: a system and a place in it, either of which may be missing. */
function madeOf(name: string, system: string, places: readonly string[]): string {
	const colon = name.indexOf(':');
	const both =
		colon === -1 ? [] : [`${system}:${quoted(name.slice(0, colon))} ${firstOf(name.slice(colon + 1), places)}`];
	const systemAlone = `${system}:${quoted(name)} ${firstOf('', places)}`;
	const placeAlone = `-has:${system} ${firstOf(name, places)}`;
	const ways = colon === -1 ? [systemAlone, placeAlone] : both;
	return ways.length === 1 ? (ways[0] ?? '') : `(${ways.map((way) => `(${way})`).join(' OR ')})`;
}
