/**
 * Records the spans of the service and sends them to an OpenTelemetry collector, by OTLP over HTTP. Loaded before it:
 *
 *   node --import ./deploy/traces.mjs dist/main.js
 *
 * `OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_SERVICE_NAME`, `OTEL_TRACES_SAMPLER` and the other variables of the SDK are read
 * as OpenTelemetry has them (https://opentelemetry.io/docs/languages/sdk-configuration/).
 */
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

const provider = new NodeTracerProvider({
  resource: resourceFromAttributes({ 'service.name': 'assent' }).merge(
    detectResources({ detectors: [envDetector] }),
  ),
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
});
provider.register();
