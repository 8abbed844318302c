/**
 * The model: what the emitters read. It is total and read-only: every default is applied, every duration is in
 * milliseconds, every derived name and path is here. An emitter that needs a decision finds it made.
 */
import type { ErrorCategory, GoogleRpcDetail, StatusName } from "@accord-grpc/runtime/contract";
import type {
  DescEnum,
  DescEnumValue,
  DescField,
  DescFile,
  DescMessage,
  DescMethod,
  DescService,
} from "@bufbuild/protobuf";

/** All packages of one request that have something to generate, sorted by name. */
export interface ContractModel {
  readonly packages: readonly PackageModel[];
}

/** A proto package: one error hierarchy, one channel, one server. */
export interface PackageModel {
  /** The proto package: `ledger.v1`. */
  readonly name: string;
  readonly names: PackageNames;
  readonly paths: PackagePaths;
  /** `google.rpc.ErrorInfo.domain`. */
  readonly errorDomain: string;
  /** The user's own error detail message, packed beside ErrorInfo. */
  readonly errorDetail: DescMessage | undefined;
  /** What goes before the keys of log fields on spans. */
  readonly logPrefix: string;
  /** The catalogue's errors, in the order of their numbers. */
  readonly errors: readonly ErrorModel[];
  /** The catalogue, where the package has one. */
  readonly catalog: DescEnum | undefined;
  /** The error maps of other packages whose errors are raised here, sorted by package. */
  readonly importedErrorMaps: readonly ErrorMapReference[];
  /** The proto files with services, sorted by path. */
  readonly files: readonly FileModel[];
  /** All services of the package, in the order of `files`. */
  readonly services: readonly ServiceModel[];
  readonly channel: ChannelModel;
  readonly deployment: DeploymentModel;
}

/** The error map of another package. */
export interface ErrorMapReference {
  readonly package: string;
  /** `COMMON_ERROR_MAP` */
  readonly errorMap: string;
  /** Where it is emitted, without extension: `common/v1/errors`. */
  readonly path: string;
}

/** Identifiers that belong to a package. */
export interface PackageNames {
  /** `Ledger`: before `Error`, `UnavailableError`, … */
  readonly errorPrefix: string;
  /** `LedgerError`. */
  readonly baseError: string;
  /** `LEDGER_ERROR_MAP`. */
  readonly errorMap: string;
  /** `LedgerV1`: in `buildLedgerV1Channel`, `createLedgerV1Server`, `LedgerV1Servicers`. */
  readonly versioned: string;
  /** `LEDGER_V1_SERVICE_CONFIG`. */
  readonly serviceConfig: string;
}

/** Where the files go that a package has in common, relative to the plugin's output folder. TypeScript paths have no extension. */
export interface PackagePaths {
  /** `ledger/v1` */
  readonly directory: string;
  readonly errors: string;
  readonly channel: string;
  readonly server: string;
  /** The codecs of messages that come from other packages. */
  readonly codecs: string;
  /** The validators of messages that come from other packages. */
  readonly validators: string;
  /** With its extension: `ledger/v1/service_config.json`. */
  readonly serviceConfig: string;
  /** The folder of manifests: `ledger/v1/k8s`. */
  readonly manifests: string;
  /** The folder of pages: `ledger/v1/docs`. */
  readonly docs: string;
}

/** One declared error. */
export interface ErrorModel {
  /** Undefined for the one that no catalogue declares: `INVALID_REQUEST`, of packages whose requests are checked. */
  readonly value: DescEnumValue | undefined;
  /** What is said of it: the comment in the catalogue. */
  readonly comment: string | undefined;
  /** The package whose catalogue declares it. */
  readonly package: string;
  /** Where its class is emitted, without extension: `ledger/v1/errors`. */
  readonly path: string;
  /** The business code: `INSUFFICIENT_FUNDS`. */
  readonly code: string;
  /** The class: `InsufficientFundsError`. */
  readonly exception: string;
  /** The type of what it carries, where it carries something: `InsufficientFundsMetadata`. Unique in the package. */
  readonly metadataType: string;
  readonly status: StatusName;
  readonly category: ErrorCategory;
  /** The message, as literal text and keys in turn. */
  readonly message: readonly MessagePart[];
  /** The message as it is written in the proto: `Balance {balance} is below {amount}`. */
  readonly messageTemplate: string;
  /** The metadata's keys, in the order of the proto. */
  readonly metadata: readonly string[];
  /** The type of what its constructor takes besides, where it has details: `InsufficientFundsOptions`. Unique in the package. */
  readonly optionsType: string;
  /** What it may carry beside ErrorInfo, in the order of the proto; its parent's included. */
  readonly details: readonly ErrorDetailModel[];
  /** Those that its parent doesn't have. */
  readonly ownDetails: readonly ErrorDetailModel[];
  readonly retryAfterMs: number | undefined;
  /** The server forbids sending the same call again. */
  readonly neverResend: boolean;
  readonly docUrl: string | undefined;
  /** The declared error that this one extends. */
  readonly parent: ErrorModel | undefined;
  /** Codes of the errors that extend this one, directly or not: part of its `code`'s type. */
  readonly descendants: readonly string[];
}

/** A message that an error may carry as a detail. */
export interface ErrorDetailModel {
  /** `google.rpc.BadRequest` */
  readonly typeName: string;
  /** The property of the constructor's options and of the class: `badRequest`. */
  readonly property: string;
  /** The short name of a message of `google.rpc`, which the runtime has; else the message. */
  readonly message: GoogleRpcDetail | DescMessage;
}

export type MessagePart = { readonly text: string } | { readonly key: string };

/** A proto file with services. */
export interface FileModel {
  readonly file: DescFile;
  readonly services: readonly ServiceModel[];
  /** `ledger/v1/ledger_servicer`, without extension. */
  readonly servicerPath: string;
  /** `ledger/v1/ledger_client`, without extension. */
  readonly clientPath: string;
  /** `ledger/v1/ledger_web`, without extension. */
  readonly webPath: string;
  /** `ledger/v1/ledger_contract`, without extension. */
  readonly contractPath: string;
}

export interface ServiceModel {
  readonly service: DescService;
  readonly names: ServiceNames;
  readonly servicerPath: string;
  readonly clientPath: string;
  readonly methods: readonly MethodModel[];
  /** The server as a whole serves only while this service does. */
  readonly healthRequired: boolean;
  /** Every server of the runtime answers it by itself, so that it has clients, but nobody implements or deploys it. */
  readonly isBuiltIn: boolean;
}

export interface ServiceNames {
  /** `LedgerServiceServicer` */
  readonly servicer: string;
  /** `bindLedgerService` */
  readonly bind: string;
  /** `LedgerServiceClient` */
  readonly client: string;
  /** `LedgerContract` */
  readonly contract: string;
  /** `ledger`: the service's key in `createLedgerV1Server({ ledger })`. */
  readonly key: string;
}

export type MethodKind = "unary" | "client_streaming" | "server_streaming" | "bidi_streaming";

export interface MethodModel {
  readonly method: DescMethod;
  readonly kind: MethodKind;
  readonly names: MethodNames;
  /** Errors that the method declares, the service's included, sorted by package and number. */
  readonly raises: readonly ErrorModel[];
  readonly call: CallModel;
  /** Fields read from the request. For a stream: from its first message. */
  readonly requestLog: readonly LogFieldModel[];
  /** Fields read from a response that isn't a stream. */
  readonly responseLog: readonly LogFieldModel[];
  /** Fields that payloads don't show, since the log masks or drops them: `ledger.v1.Transfer.iban`, sorted. */
  readonly redact: readonly string[];
  readonly logPolicy: LogPolicyModel;
  readonly auth: AuthModel;
  /** What caches are told of answers to calls by GET; `undefined`: to keep none. */
  readonly cache: CacheModel | undefined;
  /** The field of the request that the client fills when it is empty. */
  readonly idempotencyKey: DescField | undefined;
  readonly idempotency: "unknown" | "no_side_effects" | "idempotent";
  /** How a client goes on with a stream of responses that broke; `undefined`: not at all. */
  readonly resume: ResumeModel | undefined;
  /** The error that refuses a request that breaks the rules of its proto, one of `raises`; `undefined`: requests aren't checked. */
  readonly refusal: ErrorModel | undefined;
  /** Whether responses can be checked by the rules of their proto. */
  readonly checksResponses: boolean;
}

export interface ResumeModel {
  /** The field of the response that says how far the stream is. */
  readonly from: DescField;
  /** The field of the request that asks for what comes after. */
  readonly with: DescField;
  readonly retry: RetryModel;
}

export interface MethodNames {
  /** `transfer`: protobuf-es's `localName`, which is also the key in `LedgerService.method`. */
  readonly local: string;
  /** `transfer`: what servicers and clients call it. It differs from `local` where no object can have that name. */
  readonly member: string;
  /** `transferLogContext`, unique in its file. */
  readonly logContext: string;
  /** `transferResponseLogContext`, unique in its file. */
  readonly responseLogContext: string;
  /** `LedgerServiceTransferError`: the union of what the method declares. */
  readonly errorUnion: string;
}

export interface CallModel {
  readonly timeoutMs: number | undefined;
  readonly maxTimeoutMs: number | undefined;
  readonly resend: ResendModel;
  readonly waitForReady: boolean | undefined;
  readonly maxRequestBytes: number | undefined;
  readonly maxResponseBytes: number | undefined;
  /** Whether the server compresses responses. */
  readonly compress: boolean;
}

export type ResendModel =
  | { readonly kind: "none" }
  | ({ readonly kind: "retry" } & RetryModel)
  | ({ readonly kind: "hedge" } & HedgeModel);

export interface RetryModel {
  readonly maxAttempts: number;
  readonly initialBackoffMs: number;
  readonly maxBackoffMs: number;
  readonly backoffMultiplier: number;
  readonly codes: readonly StatusName[];
  /** The longest that the waits can take together, jitter included: Σ 1.2·min(initial·mult^(k−1), max). */
  readonly worstCaseBackoffMs: number;
}

export interface HedgeModel {
  readonly maxAttempts: number;
  readonly delayMs: number;
  readonly nonFatalCodes: readonly StatusName[];
}

export type MaskName = "none" | "drop" | "hash" | "last4" | "length";

export interface LogFieldModel {
  /** The key in the log. */
  readonly key: string;
  /** The fields from the message to the value; all but the last are singular messages. */
  readonly path: readonly DescField[];
  readonly mask: Exclude<MaskName, "drop">;
}

/** How the log lines of a method's calls are written. */
export interface LogPolicyModel {
  readonly payload: boolean;
  readonly lines: "both" | "response";
  /** Of the calls that end with OK, one in so many is logged. */
  readonly sampleOneIn: number;
  readonly level: "debug" | "info" | "warn";
}

export interface AuthModel {
  readonly requirement: "none" | "optional" | "required";
  readonly scopes: readonly string[];
}

/** Who may keep answers, and for how long. */
export interface CacheModel {
  /** Whole seconds, as HTTP has them. */
  readonly maxAgeSeconds: number;
  /** Caches that callers share may, too. */
  readonly shared: boolean;
}

/** A load balancing policy, as service configs call it. */
export type LoadBalancingName = "round_robin" | "pick_first" | "weighted_round_robin";

export interface ChannelModel {
  readonly loadBalancing: LoadBalancingName;
  readonly outlierDetection: OutlierDetectionModel | undefined;
  readonly throttle: { readonly maxTokens: number; readonly tokenRatio: number } | undefined;
  /** The full name of the service whose health clients watch. */
  readonly healthCheckService: string | undefined;
}

export interface OutlierDetectionModel {
  readonly intervalMs: number;
  readonly baseEjectionTimeMs: number;
  readonly maxEjectionTimeMs: number;
  readonly maxEjectionPercent: number;
  readonly successRate:
    | {
        readonly stdevFactor: number;
        readonly enforcementPercentage: number;
        readonly minimumHosts: number;
        readonly requestVolume: number;
      }
    | undefined;
  readonly failurePercentage:
    | {
        readonly threshold: number;
        readonly enforcementPercentage: number;
        readonly minimumHosts: number;
        readonly requestVolume: number;
      }
    | undefined;
}

export interface DeploymentModel {
  readonly name: string;
  readonly namespace: string;
  readonly image: string;
  readonly port: number;
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly preStopMs: number;
  readonly drainMs: number;
  readonly connectionAgeMs: number;
  readonly connectionAgeGraceMs: number;
  readonly terminationGraceSeconds: number;
  readonly cpu: string;
  readonly memory: string;
  /** `undefined`: any number. */
  readonly maxConcurrentCalls: number | undefined;
  readonly tls: boolean;
  /** What of the above the proto says itself. */
  readonly declared: ReadonlySet<keyof DeploymentModel>;
}
