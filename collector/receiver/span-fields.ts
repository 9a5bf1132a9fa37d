/**
 * The single-valued fields of one span: where its texts lie in the source bytes, and its numbers. One object serves all
 * spans of a request.
 */
export class SpanFields {
	traceIdStart = 0;
	traceIdEnd = 0;
	spanIdStart = 0;
	spanIdEnd = 0;
	parentStart = 0;
	parentEnd = 0;
	nameStart = 0;
	nameEnd = 0;
	traceStateStart = 0;
	traceStateEnd = 0;
	messageStart = 0;
	messageEnd = 0;
	statusCode = 0;
	kind = 0;
	flags = 0;
	startLow = 0;
	startHigh = 0;
	endLow = 0;
	endHigh = 0;
	droppedAttributes = 0;
	droppedEvents = 0;
	droppedLinks = 0;

	reset(): void {
		this.traceIdStart = this.traceIdEnd = 0;
		this.spanIdStart = this.spanIdEnd = 0;
		this.parentStart = this.parentEnd = 0;
		this.nameStart = this.nameEnd = 0;
		this.traceStateStart = this.traceStateEnd = 0;
		this.messageStart = this.messageEnd = 0;
		this.statusCode = this.kind = this.flags = 0;
		this.startLow = this.startHigh = this.endLow = this.endHigh = 0;
		this.droppedAttributes = this.droppedEvents = this.droppedLinks = 0;
	}
}
