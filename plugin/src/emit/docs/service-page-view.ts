import type { DescEnum } from "@bufbuild/protobuf";
import type { PackageModel, ServiceModel } from "../../model/model.js";
import { commentOf } from "../../read/source-index.js";
import { kubernetesObjects } from "../k8s/kubernetes-objects.js";
import { type ErrorView, errorViews, type OutcomeView, outcomeViews } from "./error-view.js";
import { type MethodView, methodView } from "./method-view.js";
import { LOAD_BALANCING_PAGE } from "./page-names.js";

/** What `templates/docs/service.md.hbs` renders. A template repeats and places; what there is to decide is decided here. */
export interface ServicePageView {
  /** The proto package: `ledger.v1`. */
  readonly package: string;
  /** `LedgerService` */
  readonly name: string;
  /** `ledger.v1.LedgerService` */
  readonly fullName: string;
  /** `ledger/v1/ledger.proto` */
  readonly proto: string;
  readonly comment: string | undefined;
  readonly deprecated: boolean;
  /** What clients dial, and the environment variable that has it. */
  readonly target: string;
  readonly targetVariable: string;
  readonly loadBalancingPage: string;
  /** The names of a generated client: its class, its package's base error class. */
  readonly clientClass: string;
  readonly baseError: string;
  readonly errorDomain: string;
  /** The full name of the domain's own error detail. */
  readonly errorDetail: string | undefined;
  readonly catalog: string | undefined;
  readonly methods: readonly MethodView[];
  readonly errors: readonly ErrorView[];
  readonly outcomes: readonly OutcomeView[];
  /** The methods that are sent again. */
  readonly resent: readonly MethodView[];
  readonly hasRetries: boolean;
  readonly throttle: ThrottleView | undefined;
  /** The methods with log fields of their own. */
  readonly logged: readonly MethodView[];
  /** The methods whose lines aren't written as others' are. */
  readonly tuned: readonly MethodView[];
  readonly logPrefix: string;
  /** The methods whose callers are looked at. Empty if anybody may call everything. */
  readonly guarded: readonly MethodView[];
}

/** When retries stop because most calls fail. */
export interface ThrottleView {
  readonly maxTokens: number;
  readonly tokenRatio: number;
  /** At this many tokens and below, no retry is sent. */
  readonly half: number;
}

/** The page of a service. */
export function servicePageView(model: ServiceModel, pkg: PackageModel): ServicePageView {
  const { service } = model;
  const objects = kubernetesObjects(pkg);
  const methods = model.methods.map((method) => methodView(method, pkg));
  const resent = methods.filter(({ resend }) => resend !== undefined);
  const { throttle } = pkg.channel;
  return {
    package: pkg.name,
    name: service.name,
    fullName: service.typeName,
    proto: `${service.file.name}.proto`,
    comment: commentOf(service),
    deprecated: service.deprecated,
    target: objects.target,
    targetVariable: objects.targetVariableOf(service.typeName),
    loadBalancingPage: LOAD_BALANCING_PAGE,
    clientClass: model.names.client,
    baseError: pkg.names.baseError,
    errorDomain: pkg.errorDomain,
    errorDetail: pkg.errorDetail?.typeName,
    catalog: catalogName(pkg.catalog),
    methods,
    errors: errorViews(model, pkg),
    outcomes: outcomeViews(model, pkg),
    resent,
    hasRetries: resent.some(({ resend }) => resend?.hedged === false),
    throttle: throttle === undefined ? undefined : { ...throttle, half: throttle.maxTokens / 2 },
    logged: methods.filter(({ logFields }) => logFields.length > 0),
    tuned: methods.filter(({ logPolicy }) => logPolicy !== ""),
    logPrefix: pkg.logPrefix,
    guarded: model.methods.some(({ auth }) => auth.requirement !== "none") ? methods : [],
  };
}

function catalogName(catalog: DescEnum | undefined): string | undefined {
  return catalog?.typeName;
}
