// Named with a number because it is cached for good: change the number with the content.
// Runs before the first paint, so that a remembered theme never flashes through the other one.
(function () {
	try {
		var theme = localStorage.getItem('spanhouse.theme');
		if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
	} catch {
		// Storage may be blocked: the system's theme it is.
	}
})();
