/** One sleeper that can be woken. */
export class Pause {
	#wake: (() => void) | undefined;
	#isAwake = false;
	#isEnded = false;

	/** Until somebody calls `wake`, which counts even when it came before; for no longer than `mostMs`. */
	async sleep(mostMs: number = Infinity): Promise<void> {
		if (!this.#isAwake && !this.#isEnded) {
			const woken = Promise.withResolvers<void>();
			this.#wake = woken.resolve;
			const timer = mostMs === Infinity ? undefined : setTimeout(woken.resolve, mostMs);
			await woken.promise;
			clearTimeout(timer);
		}
		this.#isAwake = false;
	}

	/** For this long, whoever calls `wake`; only the end cuts it short. */
	async sleepAtLeast(ms: number): Promise<void> {
		if (this.#isEnded) return;
		const passed = Promise.withResolvers<void>();
		const timer = setTimeout(passed.resolve, ms);
		this.#cut = passed.resolve;
		await passed.promise;
		clearTimeout(timer);
	}

	#cut: (() => void) | undefined;

	wake(): void {
		this.#isAwake = true;
		this.#wake?.();
	}

	/** Nobody sleeps any more. */
	end(): void {
		this.#isEnded = true;
		this.wake();
		this.#cut?.();
	}
}
