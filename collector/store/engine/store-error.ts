import { ProblemError } from '../../problem.ts';

/** The store can't be opened, and trying again won't help: said once, then the program ends. */
export class StoreOpenError extends Error {
	override readonly name = 'StoreOpenError';
	readonly code:
		| 'DATA_FOLDER_IN_USE'
		| 'ENGINE_UNSUPPORTED'
		| 'ENGINE_FAILED'
		| 'SCHEMA_TOO_NEW'
		| 'SCHEMA_CHANGED'
		| 'MIGRATION_FAILED'
		| 'STORE_UNREACHABLE'
		| 'CLUSTER_UNUSABLE'
		| 'TARGET_IN_USE'
		| 'SOURCE_UNKNOWN';

	constructor(code: StoreOpenError['code'], message: string) {
		super(message);
		this.code = code;
	}
}

/** A problem with a query in it: `queryId` finds it in ClickHouse's own logs. */
export class QueryError extends ProblemError {
	override readonly name = 'QueryError';
	readonly queryId: string | undefined;
	/** ClickHouse's own number of the error; undefined when it did not answer. */
	readonly engineCode: string | undefined;

	constructor(status: number, code: string, detail: string, queryId?: string, engineCode?: string) {
		super(status, code, detail);
		this.queryId = queryId;
		this.engineCode = engineCode;
	}
}
