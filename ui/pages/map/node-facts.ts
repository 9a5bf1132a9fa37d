import type { NodeType } from '../../../schema/service-map.ts';
import type { ServiceMapNode } from '../../../schema/api-service-map.ts';
import type { IconName } from '../../components/icon-paths.ts';

export const NODE_ICONS: Readonly<Record<NodeType, IconName>> = {
	service: 'services',
	database: 'database',
	queue: 'message',
	external: 'globe',
};

export const NODE_WORDS: Readonly<Record<NodeType, string>> = {
	service: 'service',
	database: 'database',
	queue: 'queue',
	external: 'external host',
};

/** What a node is called; some calls don't say whom they go to. */
export const nodeLabel = ({ type, name }: Pick<ServiceMapNode, 'type' | 'name'>): string =>
	name === '' ? (type === 'external' ? 'unknown host' : `unknown ${NODE_WORDS[type]}`) : name;

/** The two halves of a node's id. */
export function nodeOfId(id: string): { type: NodeType; name: string } {
	const colon = id.indexOf(':');
	const type = Object.keys(NODE_WORDS).find((word): word is NodeType => word === id.slice(0, colon)) ?? 'service';
	return { type, name: id.slice(colon + 1) };
}
