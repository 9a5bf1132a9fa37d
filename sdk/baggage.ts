import { context, propagation, trace } from '@opentelemetry/api';
import type { Attributes, Baggage, Context } from '@opentelemetry/api';
import {
	ParentBasedSampler,
	AlwaysOffSampler,
	AlwaysOnSampler,
	TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';
import type { Sampler } from '@opentelemetry/sdk-trace';

/** Whoever calls a service writes what its spans would then carry. */
const maxValueLength = 256;

/**
 * Runs `fn` with these entries in the baggage (https://www.w3.org/TR/baggage/), beside those that are there, and puts them on the
 * span around it. They go along with every request that is made inside, to whomever it is made. Spans begun inside, here and in
 * services further on, carry those that `SPANHOUSE_BAGGAGE` names there.
 */
export function withBaggage<T>(entries: Readonly<Record<string, string>>, fn: () => T): T {
	let baggage = propagation.getActiveBaggage() ?? propagation.createBaggage();
	for (const [key, value] of Object.entries(entries)) baggage = baggage.setEntry(key, { value });
	trace.getActiveSpan()?.setAttributes(attributesOf(baggage, Object.keys(entries)));
	return context.with(propagation.setBaggage(context.active(), baggage), fn);
}

/** What these keys have in the baggage. */
function attributesOf(baggage: Baggage, keys: readonly string[]): Attributes {
	const attributes: Attributes = {};
	for (const key of keys) {
		const value = baggage.getEntry(key)?.value;
		if (value !== undefined) attributes[key] = value.slice(0, maxValueLength);
	}
	return attributes;
}

/**
 * Decides as the sampler that the environment names, and gives every span what these keys have in the baggage. A sampler, since
 * sdk-node takes further span processors only in place of those that the environment names.
 */
export function baggageSampler(keys: readonly string[], env: NodeJS.ProcessEnv): Sampler {
	const inner = samplerOf(env);
	return {
		shouldSample: (parent: Context, ...of) => {
			const result = inner.shouldSample(parent, ...of);
			const baggage = propagation.getBaggage(parent);
			if (baggage === undefined) return result;
			return { ...result, attributes: { ...result.attributes, ...attributesOf(baggage, keys) } };
		},
		toString: () => `Baggage{${keys.join(',')}}, ${inner.toString()}`,
	};
}

/** The values have been checked before. Source: the specification's "General SDK configuration", `OTEL_TRACES_SAMPLER`. */
function samplerOf(env: NodeJS.ProcessEnv): Sampler {
	const [, parent, kind] = /^(parentbased_)?(\w+)$/.exec(env['OTEL_TRACES_SAMPLER']?.trim() ?? '') ?? [];
	const root =
		kind === 'always_off'
			? new AlwaysOffSampler()
			: kind === 'traceidratio'
				? new TraceIdRatioBasedSampler(Number(env['OTEL_TRACES_SAMPLER_ARG'] ?? 1))
				: new AlwaysOnSampler();
	return kind !== undefined && parent === undefined ? root : new ParentBasedSampler({ root });
}
