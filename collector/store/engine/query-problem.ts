import { ClickHouseError } from '@clickhouse/client';
import { messageOf, ProblemError } from '../../problem.ts';
import { maxExecutionSeconds } from './clickhouse-settings.ts';
import { QueryError } from './store-error.ts';

type Answer = [status: number, code: string, detail: string];

const shardAway: Answer = [503, 'SHARD_UNAVAILABLE', 'a shard of the cluster does not answer'];

const problemOfCode: Record<string, Answer> = {
	'158': [503, 'QUERY_TOO_LARGE', 'the query reads too much; narrow the window'],
	'159': [503, 'QUERY_TIMEOUT', `the query took longer than ${maxExecutionSeconds} s; narrow the window`],
	'202': [503, 'STORE_BUSY', 'the store runs too many queries; try again'],
	'209': shardAway,
	'210': shardAway,
	'279': shardAway,
	'241': [503, 'QUERY_TOO_LARGE', 'the query needs more memory than it may; narrow the window'],
	'396': [503, 'QUERY_TOO_LARGE', 'the answer is too large; narrow the window'],
	'427': [400, 'BAD_REGULAR_EXPRESSION', 'the regular expression is not valid RE2'],
};

/** What it answers between a fatal signal and its end: `isCrashed()` in src/Interpreters/executeQuery.cpp of ClickHouse. */
const crashedText = 'shutting down due to a fatal error';

/** ClickHouse's numbers are stable. Everything that isn't an answer of ClickHouse means that it can't be reached. */
export function queryProblem(error: unknown, queryId: string): ProblemError {
	if (error instanceof ProblemError) return error;
	if (!(error instanceof ClickHouseError)) {
		return new QueryError(503, 'STORE_UNAVAILABLE', `ClickHouse can't be reached: ${messageOf(error)}`, queryId);
	}
	if (error.message.includes(crashedText))
		return new QueryError(503, 'STORE_UNAVAILABLE', 'ClickHouse has crashed', queryId);
	const [status, code, detail] = problemOfCode[error.code] ?? [500, 'QUERY_FAILED', `ClickHouse: ${error.message}`];
	return new QueryError(status, code, detail, queryId, error.code);
}
