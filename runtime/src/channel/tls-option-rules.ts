import { loggerRule, pemRule } from "../options/common-rules.js";
import { type OptionRules, oneOf, time } from "../options/option-rule.js";
import type { CertificateRefresh } from "./certificate-files.js";
import type { TlsChannelInit, TlsServerInit } from "./tls-init.js";

export const CERTIFICATE_REFRESH_RULES: OptionRules<CertificateRefresh> = {
  refreshMs: time({ least: 1, forever: true }),
  logger: loggerRule,
};

/** What a server says of its callers' certificates. */
export const CLIENT_CERTIFICATE_RULES = {
  clientCa: pemRule,
  clientCertificate: oneOf("required", "optional"),
};

export const TLS_SERVER_RULES: OptionRules<TlsServerInit> = {
  ...CERTIFICATE_REFRESH_RULES,
  ...CLIENT_CERTIFICATE_RULES,
  certificate: pemRule,
  key: pemRule,
};

export const TLS_CHANNEL_RULES: OptionRules<TlsChannelInit> = {
  ...CERTIFICATE_REFRESH_RULES,
  ca: pemRule,
  certificate: pemRule,
  key: pemRule,
};
