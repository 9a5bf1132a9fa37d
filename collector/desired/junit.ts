/** One test and what went wrong with it, if anything. */
export interface TestOutcome {
	name: string;
	file: string;
	problems: readonly string[];
}

/** The report that CI systems read. */
export function junitReport(outcomes: readonly TestOutcome[]): string {
	const failures = outcomes.filter(({ problems }) => problems.length > 0).length;
	const cases = outcomes.map(({ name, file, problems }) => {
		const failure = problems.length === 0 ? '' : `<failure>${escaped(problems.join('\n'))}</failure>`;
		return `\t\t<testcase classname="${escaped(file)}" name="${escaped(name)}">${failure}</testcase>\n`;
	});
	return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n\t<testsuite name="spanhouse" tests="${outcomes.length}" failures="${failures}">\n${cases.join('')}\t</testsuite>\n</testsuites>\n`;
}

/** XML 1.0 has no way to write control characters: they are replaced. */
const escaped = (text: string): string =>
	text.replace(/[^\P{Cc}\t\n\r]/gu, '\ufffd').replace(/[<>&"]/g, (character) => `&#${character.charCodeAt(0)};`);
