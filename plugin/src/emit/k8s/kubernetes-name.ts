import { createHash } from "node:crypto";

const LONGEST = 63;
const LABEL = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const DIGEST_LENGTH = 6;

/**
 * A name that each kind of Kubernetes object accepts (a DNS-1035 label: what a Service asks for is the strictest), with
 * a suffix if there is one. A name that is valid already stays as it is.
 *
 * @param name what the deployment is called; its default comes from a package's name, which may have underscores,
 *   capitals, or more than 63 characters
 * @param suffix `-headless`; part of the 63 characters
 */
export function kubernetesName(name: string, suffix = ""): string {
  const longest = LONGEST - suffix.length;
  if (LABEL.test(name) && name.length <= longest) {
    return `${name}${suffix}`;
  }
  const plain = name
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+|-+$/g, "");
  const label = plain === "" ? "server" : plain;
  if (label.length <= longest) {
    return `${label}${suffix}`;
  }
  // The cut alone would make one name of two packages that differ only in their end.
  const digest = createHash("sha256").update(name).digest("hex").slice(0, DIGEST_LENGTH);
  const head = label.slice(0, longest - DIGEST_LENGTH - 1).replace(/-+$/, "");
  return `${head}-${digest}${suffix}`;
}
