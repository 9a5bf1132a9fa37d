// Makes one span and ends in the way named by its argument.
import { start, withSpan } from '@spanhouse/sdk';

withSpan('last words', () => {});
const stayAlive = () => setInterval(() => {}, 1_000);

const ways = {
	normally: () => {},
	'with an exit code': () => {
		process.exitCode = 7;
	},
	'by an uncaught exception': () => {
		throw new RangeError('out of stock');
	},
	'by an unhandled rejection': () => {
		void Promise.reject(new RangeError('out of stock'));
	},
	'by a signal': () => {
		stayAlive();
		process.stdout.write('ready\n');
	},
	'by a signal while its spans are on their way': () => {
		stayAlive();
		// OTEL_BSP_SCHEDULE_DELAY has them taken from the queue by now.
		setTimeout(() => process.stdout.write('ready\n'), 300);
	},
	'by a signal of its own, with no work left': () => {
		setTimeout(() => process.kill(process.pid, 'SIGTERM'), 10);
	},
	'by process.exit': () => {
		process.exit(7);
	},
	'by process.exit while its spans are on their way': () => {
		setTimeout(() => process.exit(7), 300);
	},
	'by process.exit when it was told to stop': () => {
		stayAlive();
		process.once('SIGTERM', () => {
			withSpan('drain', () => {});
			process.exit(0);
		});
		process.stdout.write('ready\n');
	},
	'by process.exit as it handles the exception': () => {
		process.on('uncaughtException', () => process.exit(4));
		setTimeout(() => {
			throw new RangeError('out of stock');
		}, 100);
	},
	'by process.exit after a flush by hand': () => {
		setTimeout(
			() =>
				void start()
					.forceFlush()
					.then(() => process.exit(5)),
			300,
		);
	},
	'by a signal it handles': () => {
		const timer = stayAlive();
		process.on('SIGTERM', () => {
			withSpan('drain', () => {});
			process.exitCode = 3;
			clearInterval(timer);
		});
		process.stdout.write('ready\n');
	},
	'by handling the exception': () => {
		process.on('uncaughtException', (error) => {
			process.stdout.write(`handled ${error.message}\n`);
			process.exitCode = 4;
		});
		throw new RangeError('out of stock');
	},
	'after a shutdown by hand': () => {
		const handle = start();
		void handle.shutdown().then(() => process.stdout.write('shut down\n'));
	},
};
ways[process.argv[2]]();
