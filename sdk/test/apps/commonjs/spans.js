const { withSpan } = require('@spanhouse/sdk');

withSpan('by require', () => {});
