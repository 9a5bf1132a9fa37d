import type { BlockResource, BlockScope, TaggedValue } from '../../schema/span-block.ts';
import { SPAN_MARKS } from '../../schema/span-block.ts';
import type { DecodedSpans } from '../pipeline/decoded-spans.ts';
import { redactTagged } from '../pipeline/redact-spans.ts';
import type { RedactionCounts } from '../pipeline/redaction-counts.ts';
import type { Redactor } from '../pipeline/redaction.ts';
import { blockResource, blockScope } from './block-sources.ts';

interface Redacted<Source> {
	/** Undefined when it holds no secret. */
	source: Source | undefined;
	found: { key: string; rule: string }[];
}

/** Takes secrets out of resources and scopes. The same ones come with every request: each is looked at once. */
export class SourceRedactor {
	readonly #redactor: Redactor;
	readonly #resources = new WeakMap<BlockResource, Redacted<BlockResource>>();
	readonly #scopes = new WeakMap<BlockScope, Redacted<BlockScope>>();

	constructor(redactor: Redactor) {
		this.#redactor = redactor;
	}

	/** What is left of the sources, and the mark that each gives to its records: 0 for those without a secret. */
	redactSources(
		{ resources, scopes }: Pick<DecodedSpans, 'resources' | 'scopes'>,
		counts: RedactionCounts,
	): { resources: BlockResource[]; scopes: BlockScope[]; marksOf: (resource: number, scope: number) => number } {
		const redacted = this.#redactBoth(resources, scopes, counts);
		const isChanged = (resource: number, scope: number) =>
			redacted.resources?.changed.has(resource) === true || redacted.scopes?.changed.has(scope) === true;
		return {
			resources: redacted.resources?.sources ?? resources,
			scopes: redacted.scopes?.sources ?? scopes,
			marksOf: (resource, scope) => (isChanged(resource, scope) ? SPAN_MARKS.redacted : 0),
		};
	}

	/** Marks the spans of what it changes. */
	redact(spans: DecodedSpans, counts: RedactionCounts): DecodedSpans {
		const { resources, scopes } = this.#redactBoth(spans.resources, spans.scopes, counts);
		if (resources === undefined && scopes === undefined) return spans;
		const { marks } = spans;
		for (let row = 0; row < spans.rows; row++) {
			const isChanged =
				resources?.changed.has(spans.resource[row] as number) || scopes?.changed.has(spans.scope[row] as number);
			if (isChanged) marks[row] = (marks[row] as number) | SPAN_MARKS.redacted;
		}
		return { ...spans, resources: resources?.sources ?? spans.resources, scopes: scopes?.sources ?? spans.scopes };
	}

	#redactBoth(resources: readonly BlockResource[], scopes: readonly BlockScope[], counts: RedactionCounts) {
		return {
			resources: redactEach(resources, this.#resources, (resource) => this.#resource(resource), counts),
			scopes: redactEach(scopes, this.#scopes, (scope) => this.#scope(scope), counts),
		};
	}

	#resource(resource: BlockResource): Redacted<BlockResource> {
		const search = new SourceSearch(this.#redactor);
		const content = search.content(resource);
		return { source: search.found.length === 0 ? undefined : blockResource(content), found: search.found };
	}

	#scope(scope: BlockScope): Redacted<BlockScope> {
		const search = new SourceSearch(this.#redactor);
		const content = search.content(scope);
		const name = search.text('otel.scope.name', scope.name);
		const version = search.text('otel.scope.version', scope.version);
		return { source: search.found.length === 0 ? undefined : blockScope(name, version, content), found: search.found };
	}
}

/** The texts of one source, and what was found in them. */
class SourceSearch {
	readonly found: { key: string; rule: string }[] = [];
	readonly #redactor: Redactor;

	constructor(redactor: Redactor) {
		this.#redactor = redactor;
	}

	content(source: Pick<BlockResource, 'attributes' | 'droppedAttributes' | 'schemaUrl'>) {
		return {
			attributes: source.attributes.map(([key, value]): [string, TaggedValue] => [
				key,
				this.#note(key, value, redactTagged(this.#redactor, key, value)),
			]),
			droppedAttributes: source.droppedAttributes,
			schemaUrl: this.text('schema URL', source.schemaUrl),
		};
	}

	text(key: string, text: string): string {
		return this.#note(key, text, this.#redactor.redact('', text));
	}

	#note(key: string, before: string, redaction: { value: string; rule: string } | undefined): string {
		if (redaction === undefined) return before;
		this.found.push({ key, rule: redaction.rule });
		return redaction.value;
	}
}

/** The list with what is left of its sources, and the rows that differ; undefined when none does. */
function redactEach<Source extends object>(
	sources: readonly Source[],
	known: WeakMap<Source, Redacted<Source>>,
	redact: (source: Source) => Redacted<Source>,
	counts: RedactionCounts,
): { sources: Source[]; changed: ReadonlySet<number> } | undefined {
	const changed = new Set<number>();
	const result = sources.map((source, row) => {
		let redacted = known.get(source);
		if (redacted === undefined) {
			redacted = redact(source);
			known.set(source, redacted);
		}
		for (const { key, rule } of redacted.found) counts.add(key, rule);
		if (redacted.source !== undefined) changed.add(row);
		return redacted.source ?? source;
	});
	return changed.size === 0 ? undefined : { sources: result, changed };
}
