import { Counter, Gauge } from 'prom-client';
import type { Registry } from 'prom-client';
import type { Outbox } from './outbox/outbox.ts';

/** What is sent, and what isn't: since the data folder was made. */
export function registerNotifyMetrics(registry: Registry, outbox: Outbox): void {
	const sent = new Counter({
		name: 'spanhouse_notifications_total',
		help: 'Notifications that were delivered, refused by their target (failed) or given up (expired); alerts left out (dropped)',
		labelNames: ['outcome'],
		registers: [],
		collect() {
			this.reset();
			const { delivered, failed, expired, dropped } = outbox.state.counts;
			for (const [outcome, count] of Object.entries({ delivered, failed, expired, dropped }))
				this.inc({ outcome }, count);
		},
	});
	const waiting = new Gauge({
		name: 'spanhouse_notifications_waiting',
		help: 'Notifications that wait to be sent, or sent again',
		registers: [],
		collect() {
			this.set(outbox.state.waiting().length);
		},
	});
	registry.registerMetric(sent);
	registry.registerMetric(waiting);
}
