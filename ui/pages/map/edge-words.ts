import type { EdgeType } from '../../../schema/service-map.ts';

export const EDGE_WORDS: Readonly<Record<EdgeType, string>> = {
	request: 'Requests',
	database: 'Database calls',
	messaging: 'Messages',
	child: 'Requests without a client span',
};
