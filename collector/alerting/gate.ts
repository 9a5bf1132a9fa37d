import type { GateAnswer } from '../../schema/api-objectives.ts';
import { messageOf } from '../problem.ts';
import type { Documents } from '../desired/documents.ts';
import type { StateStore } from '../state/state-store.ts';
import { writeQuantity } from './evaluate/write-quantity.ts';
import { environmentsOf, servicesOf } from './firing-query.ts';
import type { FiredDocument } from './make-transition.ts';
import type { Objectives } from './objectives-service.ts';

interface GateSources {
	objectives: Pick<Objectives, 'budgetsOf'>;
	openFirings: () => readonly FiredDocument[];
	/** Whether nobody has been able to evaluate for a while. */
	isBlind: () => boolean;
	/** What is declared of services: whether the gate only warns. */
	documents: Pick<Documents, 'list'>;
	state: StateStore;
}

export interface GateQuestion {
	project: string;
	/** With its namespace or without. */
	service: string;
	/** Empty: any. */
	environment: string;
	intent: 'release' | 'rollback' | 'fix';
	/** A reason to pass whatever there is. */
	override: string | undefined;
	author: string;
}

/** Whether a service may be deployed: not while a budget of it is spent, and not while a page about it is firing. */
export async function askGate(sources: GateSources, question: GateQuestion): Promise<GateAnswer> {
	const { project, service, environment, intent, override, author } = question;
	const budgets = await budgetReasons(sources, question);
	const reasons = [
		...firingReasons(sources, question),
		...budgets.reasons,
		...(sources.isBlind() ? [unknown('evaluation', 'Ingest is behind: nobody knows how the service does.')] : []),
	];
	// A name that nobody knows would pass without a word.
	const notes: string[] = budgets.asked === 0 ? [`No objective counts ${service}.`] : [];
	const against = reasons.filter(({ kind }) => kind !== 'unknown');
	let decision: GateAnswer['decision'] = against.length > 0 ? 'deny' : reasons.length > 0 ? 'unknown' : 'allow';
	if (decision !== 'allow' && intent !== 'release') {
		notes.push(`A ${intent} passes: it is meant to end what stands against a release.`);
		decision = 'allow';
	}
	const warning = decision === 'allow' ? undefined : warningPolicy(sources, question);
	if (warning !== undefined) {
		notes.push(`Only a warning: Service ${warning} declares gate: warn.`);
		decision = 'allow';
	}
	if (decision !== 'allow' && override !== undefined && override.trim() !== '') {
		const key = { project, kind: 'gate.override', name: service.slice(0, 200) };
		await sources.state.put(key, { environment, intent, reason: override, reasons }, { author });
		notes.push(`Overridden: ${override}`);
		decision = 'allow';
	}
	return { service, environment, decision, reasons, notes };
}

/** The document that lets this service pass. */
const warningPolicy = ({ documents }: GateSources, { project, service }: GateQuestion): string | undefined =>
	documents
		.list(project, 'Service')
		.find(({ document: { metadata, spec } }) => spec.gate === 'warn' && isNamed(metadata.name, service))?.document
		.metadata.name;

type Reason = GateAnswer['reasons'][number];

const unknown = (name: string, text: string): Reason => ({ kind: 'unknown', name, text });

const isNamed = (name: string, asked: string): boolean =>
	name === asked || name.endsWith(`/${asked}`) || asked.endsWith(`/${name}`);

/** A rule that names no environment is about all of them. */
const isOf = (environments: readonly string[], asked: string): boolean =>
	asked === '' || environments.length === 0 || environments.includes(asked);

function firingReasons({ openFirings }: GateSources, { project, service, environment }: GateQuestion): Reason[] {
	return openFirings().flatMap(({ transition }): Reason[] => {
		const { severity, services, query, group, rule, title } = transition;
		const isMeant =
			transition.project === project &&
			severity === 'page' &&
			services.some((name) => isNamed(name, service)) &&
			isOf(environmentsOf(query, group), environment);
		return isMeant ? [{ kind: 'firing', name: rule, text: title }] : [];
	});
}

async function budgetReasons(
	{ objectives }: GateSources,
	question: GateQuestion,
): Promise<{ asked: number | null; reasons: Reason[] }> {
	const { project, service, environment } = question;
	try {
		const budgets = await objectives.budgetsOf(
			project,
			(total) =>
				servicesOf(total, {}).some((name) => isNamed(name, service)) && isOf(environmentsOf(total, {}), environment),
		);
		const reasons = budgets.flatMap(({ name, leftRatio }): Reason[] => {
			if (leftRatio === null) return [unknown(name, `${name}: no event was counted yet.`)];
			if (leftRatio > 0) return [];
			const left = writeQuantity(100 * leftRatio, 'percent');
			return [{ kind: 'budget', name, text: `${name}: its budget is spent, ${left} is left.` }];
		});
		return { asked: budgets.length, reasons };
	} catch (error) {
		return { asked: null, reasons: [unknown('objectives', messageOf(error))] };
	}
}
