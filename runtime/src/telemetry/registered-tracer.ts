import { ProxyTracerProvider, type Tracer, type TracerProvider, trace } from "@opentelemetry/api";
import { SCHEMA_URL } from "../call/rpc-conventions.js";
import { INSTRUMENTATION_SCOPE } from "./instrumentation-scope.js";

// What the API delegates to before an SDK is registered.
const NOOP = new ProxyTracerProvider().getDelegate();

let known: TracerProvider | undefined;
let tracer: Tracer | undefined;

/**
 * The tracer of the OpenTelemetry SDK that is registered now; `undefined` while none is.
 *
 * Asking costs next to nothing, so that calls can do without everything else while nobody traces.
 */
export function registeredTracer(): Tracer | undefined {
  const provider = registeredProvider();
  if (provider !== known) {
    known = provider;
    tracer = provider?.getTracer(INSTRUMENTATION_SCOPE.name, INSTRUMENTATION_SCOPE.version, { schemaUrl: SCHEMA_URL });
  }
  return tracer;
}

function registeredProvider(): TracerProvider | undefined {
  const provider = trace.getTracerProvider();
  if (!("getDelegate" in provider)) {
    return provider;
  }
  const delegate = (provider as ProxyTracerProvider).getDelegate();
  return delegate === NOOP ? undefined : delegate;
}
