import { counted } from '../counted.ts';
import type { PartialSuccess } from './otlp-response.ts';
import type { LogReport } from './read-logs.ts';
import type { InflatedRequest, TakeOptions } from './take-request.ts';

/** Stores the log records that belong to a trace or carry an exception. Resolves with what of the request was not kept. */
export async function storeLogs(
	request: Extract<InflatedRequest, { signal: 'metrics' | 'logs' }>,
	options: TakeOptions,
): Promise<PartialSuccess | undefined> {
	const { appendLogs, fingerprint, decodeLogs, clock, limits, observe, logQuota } = options;
	// Before the body may move to another thread.
	const identity = fingerprint?.(request);
	const { body, encoding, project } = request;
	const { block, report } = await decodeLogs(body, encoding, {
		project,
		receivedMs: clock(),
		retentionMs: limits.retentionMs,
		maxCorrelated: logQuota.available(),
	});
	const { accepted, rejected } = report;
	logQuota.take(accepted.correlated);
	let isNew = false;
	try {
		isNew = block.rows === 0 || (await appendLogs(block, identity)) !== 'duplicate';
	} finally {
		if (!isNew) logQuota.giveBack(accepted.correlated);
	}
	if (isNew) {
		observe.logsAccepted({ report });
		for (const [reason, count] of Object.entries(rejected)) {
			if (count > 0) observe.rejected({ signal: 'logs', reason, count });
		}
	}
	return logsPartialSuccess(report, options);
}

function logsPartialSuccess(
	{ rejected, base64Ids }: LogReport,
	{ otherSignals, logQuota }: Pick<TakeOptions, 'otherSignals' | 'logQuota'>,
): PartialSuccess | undefined {
	const messages: string[] = [];
	if (rejected.no_trace > 0 && otherSignals === 'report') {
		messages.push(
			`${counted(rejected.no_trace, 'log record')} not kept: Spanhouse keeps logs that belong to a trace or carry an exception; ` +
				'set OTEL_LOGS_EXPORTER=none to stop sending logs',
		);
	}
	if (rejected.log_quota > 0) {
		messages.push(`${counted(rejected.log_quota, 'log record')} not kept: more than ${logQuota.perMinute} a minute`);
	}
	if (base64Ids > 0)
		messages.push(`${counted(base64Ids, 'log record')} with base64 ids: OTLP/JSON writes ids in hexadecimal`);
	if (messages.length === 0) return undefined;
	const told = otherSignals === 'report' ? rejected.no_trace + rejected.log_quota : rejected.log_quota;
	return { rejected: told, message: messages.join('; ') };
}
