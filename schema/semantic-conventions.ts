/**
 * Attribute names of the semantic conventions 1.44 (github.com/open-telemetry/semantic-conventions) and the older names of
 * the same things, so that old and new instrumentations give the same columns, operations and errors.
 */

/** One place where a fact may stand. */
export interface AttributeSource {
	attribute: string;
	/** OTLP span kinds (2 SERVER, 3 CLIENT, …) for which it counts; all when absent. */
	kinds?: readonly number[];
	/** Only a piece of the value is meant. */
	part?: 'host' | 'hostOfUrl' | 'pathOfTarget' | 'pathOfUrl';
	/** The values were renamed too. */
	values?: 'dbSystem' | 'rpcSystem' | 'grpcStatus' | 'messagingOperation' | 'genAiSystem';
}

const SERVER = [2];
const NOT_SERVER = [0, 1, 3, 4, 5];
const CLIENT = [3];

const named = (...attributes: string[]): AttributeSource[] => attributes.map((attribute) => ({ attribute }));

/** For each canonical attribute its sources: the first that is present and not empty counts. */
export const ATTRIBUTE_SOURCES = {
	'http.request.method': named('http.request.method', 'http.method'),
	'http.response.status_code': named('http.response.status_code', 'http.status_code'),
	'http.route': [{ attribute: 'http.route' }, { attribute: 'url.template', kinds: CLIENT }],
	'url.template': named('url.template'),
	'url.path': [
		{ attribute: 'url.path' },
		{ attribute: 'http.target', part: 'pathOfTarget' },
		{ attribute: 'url.full', part: 'pathOfUrl' },
		{ attribute: 'http.url', part: 'pathOfUrl' },
	],
	'server.address': [
		{ attribute: 'server.address' },
		{ attribute: 'net.host.name', kinds: SERVER },
		{ attribute: 'net.peer.name', kinds: NOT_SERVER },
		{ attribute: 'http.host', part: 'host' },
		{ attribute: 'http.server_name', kinds: SERVER },
		{ attribute: 'url.full', kinds: NOT_SERVER, part: 'hostOfUrl' },
		{ attribute: 'http.url', kinds: NOT_SERVER, part: 'hostOfUrl' },
		{ attribute: 'network.peer.address', kinds: NOT_SERVER },
		{ attribute: 'net.sock.peer.addr', kinds: NOT_SERVER },
		{ attribute: 'net.peer.ip', kinds: NOT_SERVER },
	],
	'server.port': [
		{ attribute: 'server.port' },
		{ attribute: 'net.host.port', kinds: SERVER },
		{ attribute: 'net.peer.port', kinds: NOT_SERVER },
	],
	'service.peer.name': named('service.peer.name', 'peer.service'),
	'error.type': named('error.type'),
	'exception.type': named('exception.type'),
	'db.system.name': [{ attribute: 'db.system.name' }, { attribute: 'db.system', values: 'dbSystem' }],
	'db.namespace': named('db.namespace', 'db.name', 'db.redis.database_index', 'db.elasticsearch.cluster.name'),
	'db.operation.name': named('db.operation.name', 'db.operation'),
	'db.collection.name': named(
		'db.collection.name',
		'db.sql.table',
		'db.mongodb.collection',
		'db.cassandra.table',
		'db.cosmosdb.container',
	),
	'db.operation.batch.size': named('db.operation.batch.size'),
	'db.query.summary': named('db.query.summary'),
	'db.query.text': named('db.query.text', 'db.statement'),
	'db.response.status_code': named('db.response.status_code', 'db.cosmosdb.status_code'),
	'rpc.system.name': [{ attribute: 'rpc.system.name' }, { attribute: 'rpc.system', values: 'rpcSystem' }],
	'rpc.method': named('rpc.method'),
	'rpc.service': named('rpc.service'),
	'rpc.response.status_code': [
		// The name after 1.44 goes first, so that the column follows when instrumentations send both.
		{ attribute: 'rpc.status_code' },
		{ attribute: 'rpc.response.status_code' },
		{ attribute: 'rpc.grpc.status_code', values: 'grpcStatus' },
		{ attribute: 'rpc.connect_rpc.error_code' },
		{ attribute: 'rpc.jsonrpc.error_code' },
	],
	'messaging.system': named('messaging.system'),
	'messaging.operation.type': [
		{ attribute: 'messaging.operation.type' },
		{ attribute: 'messaging.operation', values: 'messagingOperation' },
	],
	'messaging.operation.name': named('messaging.operation.name'),
	'messaging.destination.name': named('messaging.destination.name', 'messaging.destination'),
	'messaging.destination.template': named('messaging.destination.template'),
	'messaging.destination.temporary': named('messaging.destination.temporary', 'messaging.temp_destination'),
	'messaging.destination.anonymous': named('messaging.destination.anonymous'),
	'gen_ai.operation.name': named('gen_ai.operation.name'),
	'gen_ai.provider.name': [
		{ attribute: 'gen_ai.provider.name' },
		{ attribute: 'gen_ai.system', values: 'genAiSystem' },
	],
	'gen_ai.request.model': named('gen_ai.request.model'),
	'gen_ai.agent.name': named('gen_ai.agent.name'),
	'gen_ai.tool.name': named('gen_ai.tool.name'),
	'faas.trigger': named('faas.trigger'),
	'faas.name': named('faas.name'),
	'faas.invoked_name': named('faas.invoked_name'),
	'graphql.operation.type': named('graphql.operation.type'),
	'graphql.document': named('graphql.document'),
	'url.full': named('url.full', 'http.url'),
} as const satisfies Record<string, readonly AttributeSource[]>;

export type CanonicalAttribute = keyof typeof ATTRIBUTE_SOURCES;

/** For each fact about a resource its attributes: the first that is not empty counts. */
export const RESOURCE_SOURCES = {
	service: ['service.name'],
	namespace: ['service.namespace'],
	version: ['service.version'],
	instance: ['service.instance.id', 'host.id', 'k8s.pod.uid', 'container.id', 'host.name'],
	/** The last one is Datadog's. */
	environment: ['deployment.environment.name', 'deployment.environment', 'env'],
} as const;

/** Values of the old attribute and what the new one calls them; a value that is not listed kept its name. */
export const RENAMED_VALUES = {
	/** Source: docs/non-normative/db-migration.md. */
	dbSystem: new Map([
		['mssql', 'microsoft.sql_server'],
		['oracle', 'oracle.db'],
		['dynamodb', 'aws.dynamodb'],
		['redshift', 'aws.redshift'],
		['cosmosdb', 'azure.cosmosdb'],
		['db2', 'ibm.db2'],
		['informix', 'ibm.informix'],
		['netezza', 'ibm.netezza'],
		['spanner', 'gcp.spanner'],
		['hanadb', 'sap.hana'],
		['maxdb', 'sap.maxdb'],
		['h2', 'h2database'],
		['firebird', 'firebirdsql'],
		['intersystems_cache', 'intersystems.cache'],
		['cache', 'intersystems.cache'],
		['adabas', 'softwareag.adabas'],
		['ingres', 'actian.ingres'],
	]),
	rpcSystem: new Map([
		['apache_dubbo', 'dubbo'],
		['connect_rpc', 'connectrpc'],
	]),
	/** Source: github.com/grpc/grpc, doc/statuscodes.md. */
	grpcStatus: new Map(
		[
			'OK',
			'CANCELLED',
			'UNKNOWN',
			'INVALID_ARGUMENT',
			'DEADLINE_EXCEEDED',
			'NOT_FOUND',
			'ALREADY_EXISTS',
			'PERMISSION_DENIED',
			'RESOURCE_EXHAUSTED',
			'FAILED_PRECONDITION',
			'ABORTED',
			'OUT_OF_RANGE',
			'UNIMPLEMENTED',
			'INTERNAL',
			'UNAVAILABLE',
			'DATA_LOSS',
			'UNAUTHENTICATED',
		].map((name, code) => [String(code), name] as const),
	),
	messagingOperation: new Map([
		['publish', 'send'],
		['deliver', 'process'],
	]),
	/** Source: github.com/open-telemetry/semantic-conventions-genai; the deprecated members of the old name's own. */
	genAiSystem: new Map([
		['vertex_ai', 'gcp.vertex_ai'],
		['gemini', 'gcp.gemini'],
		['az.ai.inference', 'azure.ai.inference'],
		['az.ai.openai', 'azure.ai.openai'],
		['xai', 'x_ai'],
	]),
} as const satisfies Record<NonNullable<AttributeSource['values']>, ReadonlyMap<string, string>>;
