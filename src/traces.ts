/**
 * Spans, by the OpenTelemetry API (`@opentelemetry/api`). An SDK that records them is the operator's: it is registered
 * before the service starts (docs/traces.md). Without one nothing is traced, and work is only called.
 *
 * No attribute names a person, a field of theirs or what they said: names and attributes are those of routes, policies and
 * statements.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { TLSSocket } from 'node:tls';
import {
  type Attributes,
  ProxyTracerProvider,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  context,
  propagation,
  trace,
} from '@opentelemetry/api';

export type { SpanContext };

const NAME = 'assent';
/** As many as an SDK keeps, unless it is told otherwise. */
const MOST_LINKS = 128;

const tracer = registered();

/** Of the SDK; `undefined`: there is none, and none comes later. */
function registered(): Tracer | undefined {
  const provider = trace.getTracerProvider();
  return provider instanceof ProxyTracerProvider
    ? provider.getDelegateTracer(NAME)
    : provider.getTracer(NAME);
}

/** Whether an SDK records spans. */
export const isTraced = tracer !== undefined;

/** Passes requests on in spans that continue the trace of the caller (W3C Trace Context). */
export function traced(handle: RequestListener): RequestListener {
  if (tracer === undefined) return handle;
  return (request, response) => {
    const caller = propagation.extract(ROOT_CONTEXT, request.headers);
    const method = request.method ?? '_OTHER';
    const scheme = request.socket instanceof TLSSocket ? 'https' : 'http';
    const attributes = { 'http.request.method': method, 'url.scheme': scheme };
    const span = tracer.startSpan(method, { kind: SpanKind.SERVER, attributes }, caller);
    const inside = trace.setSpan(caller, span);
    // their listeners would otherwise be called in no context
    context.bind(inside, request);
    context.bind(inside, response);
    response.once('close', () => endOf(span, response));
    context.with(inside, () => handle(request, response));
  };
}

/** HTTP semantic conventions of OpenTelemetry: a refusal is no fault of the server. */
function endOf(span: Span, response: ServerResponse): void {
  const { statusCode, writableFinished } = response;
  if (writableFinished) span.setAttribute('http.response.status_code', statusCode);
  const fault = writableFinished ? (statusCode >= 500 ? String(statusCode) : undefined) : 'closed';
  if (fault !== undefined) {
    span.setAttribute('error.type', fault);
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end();
}

/**
 * Names the span of a request for its route.
 *
 * @param route as it was declared: an address would name users
 */
export function nameRoute({ method }: Pick<IncomingMessage, 'method'>, route: string | undefined): void {
  if (tracer === undefined || route === undefined) return;
  trace.getActiveSpan()?.updateName(`${method} ${route}`).setAttribute('http.route', route);
}

/** Does work in a span below the one that is active. */
export function inSpan<T>(name: string, attributes: Attributes, work: () => Promise<T>): Promise<T> {
  if (tracer === undefined) return work();
  return tracer.startActiveSpan(name, { attributes }, (span) => within(span, work));
}

/** The same for a client of the service itself, as a database has it; work that no trace asked for makes none. */
export function inClientSpan<T>(name: string, attributes: Attributes, work: () => Promise<T>): Promise<T> {
  if (tracer === undefined || trace.getActiveSpan() === undefined) return work();
  return tracer.startActiveSpan(name, { kind: SpanKind.CLIENT, attributes }, (span) => within(span, work));
}

/**
 * Does work that several traces wait for, in a trace of its own that is linked to theirs.
 *
 * @param waiting each is `undefined` where nothing is traced
 */
export function inLinkedSpan<T>(
  name: string,
  waiting: () => readonly (SpanContext | undefined)[],
  work: () => Promise<T>,
): Promise<T> {
  if (tracer === undefined) return work();
  return tracer.startActiveSpan(name, { root: true }, ROOT_CONTEXT, (span) =>
    within(span, async () => {
      try {
        return await work();
      } finally {
        // who shares it is known only at its end; a link to what nobody records leads nowhere
        const recorded = waiting().flatMap((one) =>
          one !== undefined && (one.traceFlags & TraceFlags.SAMPLED) !== 0 ? [{ context: one }] : [],
        );
        span.addLinks(recorded.slice(0, MOST_LINKS));
      }
    }),
  );
}

/** Begins what goes on for others than those who began it. */
export function outsideSpans<T>(work: () => T): T {
  return tracer === undefined ? work() : context.with(ROOT_CONTEXT, work);
}

/** Work that is of the span that is active now, whoever calls it. */
export function ofThisSpan<T>(work: () => T): () => T {
  return tracer === undefined ? work : context.bind(context.active(), work);
}

async function within<T>(span: Span, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // messages may hold what callers sent
    span.setAttribute('error.type', kindOf(error));
    span.setStatus({ code: SpanStatusCode.ERROR });
    throw error;
  } finally {
    span.end();
  }
}

function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return '_OTHER';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

/**
 * A span of work that was done without waiting.
 *
 * @param attributesOf of what came of it
 */
export function inSpanNow<T>(name: string, work: () => T, attributesOf: (result: T) => Attributes): T {
  if (tracer === undefined) return work();
  const span = tracer.startSpan(name);
  try {
    const result = work();
    if (span.isRecording()) span.setAttributes(attributesOf(result));
    return result;
  } finally {
    span.end();
  }
}

/** Adds to the span that is active what is known only now. */
export function noteInSpan(attributes: Attributes): void {
  if (tracer !== undefined) trace.getActiveSpan()?.setAttributes(attributes);
}

/** By which work that others wait for is linked to them. */
export function spanContext(): SpanContext | undefined {
  return tracer === undefined ? undefined : trace.getActiveSpan()?.spanContext();
}

/** What a line of the log says of the trace that it was written in. Absent: nothing is traced. */
export const TRACE_OF_LINE =
  tracer === undefined
    ? undefined
    : (): object => {
        const { traceId, spanId } = trace.getActiveSpan()?.spanContext() ?? {};
        return traceId === undefined ? {} : { trace_id: traceId, span_id: spanId };
      };
