/** One call of a stack, whatever the language: the innermost, where it was thrown, comes first. */
export interface StackFrame {
	/** Function or method, with its class where the language says so; empty where nothing is known. */
	function: string;
	/** File, or the class's file for Java; empty where nothing is known. */
	file: string;
	/** 0 where nothing is known. */
	line: number;
	/** Whether it is the application's own code rather than a library's or the runtime's. */
	isOwn: boolean;
	/** As it stood in the stack trace, trimmed. */
	text: string;
}

export const MOST_FRAMES = 100;
/** Stack traces are read up to here; so the time for one is bounded, whoever sent it. */
export const MOST_STACK_CHARACTERS = 32_768;
const longestLine = 1_000;

/** The lines that are read: bounded in number and length. */
export const stackLines = (stack: string): string[] =>
	stack
		.slice(0, MOST_STACK_CHARACTERS)
		.split('\n')
		.map((line) => line.slice(0, longestLine).trimEnd());

/** Paths and packages that belong to a library or a runtime, in the languages that OpenTelemetry has an SDK for. */
const LIBRARY_PATH =
	/(?:^|[/\\])(?:node_modules|site-packages|dist-packages|gems|vendor|pkg[/\\]mod)[/\\]|^node:|^internal\/|[/\\]lib(?:64)?[/\\](?:python|ruby)[\d./\\]|[/\\]go[/\\]src[/\\]|^<(?:internal|frozen)[ :]|^\[internal function\]/;
const LIBRARY_NAME =
	/^(?:java|javax|jakarta|jdk|sun|com\.sun|kotlin|kotlinx|scala|groovy|org\.(?:springframework|apache|hibernate|eclipse|jboss|junit|postgresql)|io\.(?:netty|grpc|micrometer|opentelemetry|reactivex)|reactor|com\.(?:zaxxer|fasterxml|mysql)|System|Microsoft|Npgsql|Grpc|runtime|net\/http|database\/sql|syscall|reflect|google\.golang\.org|github\.com\/gin-gonic)[./]/;

/** Best knowledge from paths and names: nobody marks frames in what OpenTelemetry sends. */
export const isOwnCode = (functionName: string, file: string): boolean =>
	!LIBRARY_PATH.test(file) && !LIBRARY_NAME.test(functionName);

export const frame = (text: string, functionName: string, file: string, line: string | undefined): StackFrame => ({
	function: functionName,
	file,
	line: Number(line ?? 0),
	isOwn: isOwnCode(functionName, file),
	text: text.trim(),
});
