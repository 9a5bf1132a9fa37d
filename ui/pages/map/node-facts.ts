import type { NodeType } from '../../../schema/service-map.ts';
import type { DrawnNode } from './map-groups.ts';
import type { IconName } from '../../components/icon-paths.ts';

/** A namespace stands for its nodes. */
type DrawnType = NodeType | 'group';

export const NODE_ICONS: Readonly<Record<DrawnType, IconName>> = {
	service: 'services',
	database: 'database',
	queue: 'message',
	external: 'globe',
	group: 'box',
};

export const NODE_WORDS: Readonly<Record<DrawnType, string>> = {
	service: 'service',
	database: 'database',
	queue: 'queue',
	external: 'external host',
	group: 'namespace',
};

/** What a node is called; some calls don't say whom they go to. */
export const nodeLabel = ({ type, name }: Pick<DrawnNode, 'type' | 'name'>): string =>
	name === '' ? (type === 'external' ? 'unknown host' : `unknown ${NODE_WORDS[type]}`) : name;

/** The two halves of a node's id. */
export function nodeOfId(id: string): { type: DrawnType; name: string } {
	const colon = id.indexOf(':');
	const type = Object.keys(NODE_WORDS).find((word): word is DrawnType => word === id.slice(0, colon)) ?? 'service';
	return { type, name: id.slice(colon + 1) };
}
