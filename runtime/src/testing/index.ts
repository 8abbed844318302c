/**
 * What tests of servicers and clients need: a real server on a free port, contexts made by hand, and fakes of what is called.
 */

export type { CallContext, ContextKey, ContextValues } from "../call/call-context.js";
export type { ErrorPolicy, SendableErrors } from "../call/call-failure.js";
export type { LogContext } from "../call/call-log.js";
export { runWithCall } from "../call/current-call.js";
export type { HandlerInterceptor } from "../call/handler-interceptor.js";
export type { InterceptedCall, MessageWatcher } from "../call/interception.js";
export type { LogPolicy } from "../call/log-policy.js";
export type { AnyMethod } from "../call/method-layer.js";
export type { AnswerCaching, AuthRequirement, ServicerMethodPolicy } from "../call/servicer-method.js";
export type { CertificateRefresh } from "../channel/certificate-files.js";
export type { Channel, ChannelInit } from "../channel/channel.js";
export type {
  ChannelOptions,
  Keepalive,
  KeepaliveTimes,
  KnownKeys,
  ServerOptionKey,
} from "../channel/channel-options.js";
export type { Pem } from "../channel/pem-source.js";
export type { EncodedMessage, MessageCodec } from "../codec/message-codec.js";
export type { MethodCodecs } from "../codec/method-codecs.js";
export type { ErrorCategory } from "../contract/error-category.js";
export type { Status, StatusName } from "../contract/status.js";
export type {
  ContractError,
  ContractErrorInit,
  ContractErrorOptions,
  ErrorMetadata,
} from "../errors/contract-error.js";
export type { DetailedError, DetailedErrorOptions } from "../errors/detailed-error.js";
export type {
  CategoryErrorClass,
  ConvertedError,
  DeclaredErrorClass,
  ErrorMap,
  ErrorMapEntry,
  ErrorPair,
  MappedError,
} from "../errors/error-map.js";
export type { InProcessOptions } from "../in-process/in-process-channel.js";
export type { LogFields, LogValue } from "../log/log-fields.js";
export type { Logger, LogLevel } from "../log/logger.js";
export type { AuthVerifier } from "../server/auth.js";
export type { BindOptions, BoundMethod, BoundService, HealthRole } from "../server/bind-service.js";
export type { HealthRegistry } from "../server/health.js";
export type { Identity } from "../server/identity.js";
export type { ListeningAddress } from "../server/listener.js";
export type { PassThrough } from "../server/pass-through.js";
export type { ServeOptions } from "../server/serve-process.js";
export type { MethodOptions } from "../server/served-methods.js";
export type { GrpcServer } from "../server/server.js";
export type { ServerMetricRecorder, ServerMetricRecorderInit } from "../server/server-metrics.js";
export type { ServerOptions } from "../server/server-options.js";
export type { ServerTlsOptions } from "../server/server-tls.js";
export type { ServerClosed } from "../server/shutdown.js";
export type { CorsOptions, HttpOptions, JsonOptions } from "../server/web/http-options.js";
export type { BrokenRules, RefusalClass } from "../validate/refusal.js";
export type { LoadReport } from "../wire/load-report.js";
export type {
  DurationJson,
  HedgingPolicy,
  LoadBalancingConfig,
  MethodConfig,
  MethodName,
  OutlierDetectionConfig,
  RetryPolicy,
  RetryThrottling,
  ServiceConfig,
  WeightedRoundRobinConfig,
} from "../wire/service-config.js";
export { type CallContextInit, createCallContext } from "./call-context.js";
export { fakeClient } from "./fake-client.js";
export { MemoryLogger, type MemoryLogLine } from "./memory-logger.js";
export type { Answer, Rule, Step } from "./mock/answer.js";
export type { MethodContract, MockedMethodContract, RequestValidation, ServiceContract } from "./mock/contract.js";
export { ContractMock, type ContractMockOptions } from "./mock/contract-mock.js";
export { ERROR_STATUSES as ERROR_STATUS_NAMES } from "./mock/directive.js";
export { type DelayDistribution, FAULTS, type Fault, type FaultName, faultNamed } from "./mock/fault.js";
export { allowedFaults, type FaultRule } from "./mock/fault-plan.js";
export type { AnswerSource, MockCall } from "./mock/mock-call.js";
export type {
  MetadataOf,
  MockedAnswers,
  MockedMethod,
  MockedMethodCall,
  MockedMethods,
  MockedOf,
} from "./mock/mocked-method.js";
export type { RequestMatcher } from "./mock/request-matcher.js";
export type { YamlLibrary } from "./mock/scenario/load-yaml.js";
export { type Problem, ScenarioError } from "./mock/scenario/located.js";
export { readScenario } from "./mock/scenario/read-scenario.js";
export type { Scenario } from "./mock/scenario/scenario.js";
export { type ShownCall, shownCall } from "./mock/shown-call.js";
export {
  type MockControl,
  type MockFault,
  type MockOptions,
  type ServiceMock,
  type ServicesMock,
  startMock,
} from "./mock/start-mock.js";
export { startTestServer, type TestServer, type TestServerOptions } from "./test-server.js";
