/** How an exception is told from another in SQL, the same for those in events of spans and those in logs. */

const longestStack = 32_768;
const longestMessage = 500;

/** Without the numbers and addresses that would make each one a variant of its own: lines of a stack move with each change. */
const masked = (text: string): string => `replaceRegexpAll(${text}, '0x[0-9a-fA-F]+|[0-9a-fA-F]{8,}|[0-9]+', '0')`;

/**
 * Exceptions of one service with one type and one stack, or where there is none, one message, numbers aside. A stack begins
 * with the message in most languages: it is taken out first. Arguments are SQL expressions.
 */
export const variantOf = (type: string, message: string, stack: string): string => `
	sipHash64(service_namespace, service, ${type}, empty(${stack}),
		if(empty(${stack}), ${masked(`substring(${message}, 1, ${longestMessage})`)},
			${masked(`if(empty(${message}), substring(${stack}, 1, ${longestStack}), replaceAll(substring(${stack}, 1, ${longestStack}), ${message}, ''))`)}))`;

/** The text behind a tagged value's letter; empty for what is not a text. */
const textOf = (attribute: string): string =>
	`if(startsWith(event_of_row['${attribute}'], 's'), substring(event_of_row['${attribute}'], 2), '')`;

/** Exceptions recorded as events of spans, each with its texts. `columns` may name those of spans and `type`, `message`, `stack`. */
export const eventExceptions = (columns: string, where: string): string => `
	SELECT ${columns},
		${textOf('exception.type')} AS exception_type, ${textOf('exception.message')} AS exception_message,
		${textOf('exception.stacktrace')} AS exception_stack,
		${variantOf('exception_type', 'exception_message', 'exception_stack')} AS variant,
		sipHash64(trace_id, span_id, kind, service, start_nano, place_of_event) AS occurrence
	FROM spans ARRAY JOIN event_name AS name_of_event, event_attributes AS event_of_row, arrayEnumerate(event_name) AS place_of_event
	WHERE ${where} AND has(event_name, 'exception') AND name_of_event = 'exception'`;

/** Exceptions recorded as log records. They have no operation of their own. */
export const logExceptions = (columns: string, where: string): string => `
	SELECT ${columns}, exception_type, exception_message, exception_stacktrace AS exception_stack,
		${variantOf('exception_type', 'exception_message', 'exception_stacktrace')} AS variant,
		sipHash64(trace_id, span_id, time_nano, observed_nano, variant) AS occurrence
	FROM logs WHERE ${where} AND (exception_type != '' OR exception_message != '')`;
