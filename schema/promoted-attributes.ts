/**
 * Attributes with a column of their own, because people search and group by them. The order is stored
 * (bits of `promoted_own`): append only, at most 32.
 */
export interface PromotedAttribute {
	/** Canonical name, semantic conventions 1.44. */
	attribute: string;
	/** Column in `spans`. */
	column: string;
	/** `dictionary`: few distinct texts; `string`: many; `int64`: whole numbers, where 0 stands for absent unless `promotedOwn` says otherwise. */
	storage: 'dictionary' | 'string' | 'int64';
}

const promoted = (attribute: string, storage: PromotedAttribute['storage']): PromotedAttribute => ({
	attribute,
	column: `attr_${attribute.replaceAll('.', '_')}`,
	storage,
});

export const PROMOTED_ATTRIBUTES: readonly PromotedAttribute[] = [
	promoted('http.request.method', 'dictionary'),
	promoted('http.response.status_code', 'int64'),
	promoted('http.route', 'dictionary'),
	promoted('url.path', 'string'),
	promoted('server.address', 'dictionary'),
	promoted('service.peer.name', 'dictionary'),
	promoted('error.type', 'dictionary'),
	promoted('db.system.name', 'dictionary'),
	promoted('db.namespace', 'dictionary'),
	promoted('db.operation.name', 'dictionary'),
	promoted('db.collection.name', 'dictionary'),
	promoted('db.query.summary', 'dictionary'),
	promoted('db.query.text', 'string'),
	promoted('rpc.system.name', 'dictionary'),
	promoted('rpc.method', 'dictionary'),
	promoted('rpc.response.status_code', 'dictionary'),
	promoted('messaging.system', 'dictionary'),
	promoted('messaging.operation.type', 'dictionary'),
	promoted('messaging.destination.name', 'dictionary'),
	promoted('gen_ai.request.model', 'dictionary'),
];
