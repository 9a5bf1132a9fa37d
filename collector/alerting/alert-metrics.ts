import { Counter, Gauge, Histogram } from 'prom-client';
import type { Registry } from 'prom-client';
import type { SchedulerMetrics } from './scheduler.ts';

/** What `/metrics` tells of alerts. Names are part of the outside surface. */
export function createAlertMetrics(registry: Registry, isEvaluator: () => boolean): SchedulerMetrics {
	const registers = [registry];
	const evaluator = new Gauge({
		name: 'spanhouse_alert_evaluator',
		help: 'Whether alerts are evaluated and told here: 1 in one of several collectors on one store, else 0',
		registers: [],
		collect() {
			this.set(isEvaluator() ? 1 : 0);
		},
	});
	registry.registerMetric(evaluator);
	return {
		evaluations: new Counter({
			name: 'spanhouse_alert_evaluations_total',
			help: 'Evaluations of rules, by outcome',
			labelNames: ['outcome'],
			registers,
		}),
		evaluationDuration: new Histogram({
			name: 'spanhouse_alert_evaluation_duration_seconds',
			help: 'Measuring and judging one rule; of those measured together, its share',
			buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
			registers,
		}),
		skipped: new Counter({
			name: 'spanhouse_alert_windows_skipped_total',
			help: 'Windows never evaluated, because nothing evaluated for more than an hour',
			registers,
		}),
	};
}
