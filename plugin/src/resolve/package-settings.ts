import type { Deployment } from "../read/options.js";
import type { Place } from "../read/place.js";
import type { RawFile } from "../read/raw-contract.js";

/** A value that a file gives to a setting of its package. */
export interface Said<T> {
  readonly value: T;
  readonly place: Place;
  readonly file: RawFile;
}

/** All that is said about a setting, in the order of the files. The first holds; the others must agree with it. */
export type Setting<T> = readonly Said<T>[];

/** The settings of `FileContract.deployment`. */
export const DEPLOYMENT_SETTINGS = [
  "name",
  "namespace",
  "image",
  "port",
  "minReplicas",
  "maxReplicas",
  "preStop",
  "drain",
  "connectionAge",
  "connectionAgeGrace",
  "terminationGrace",
  "cpu",
  "memory",
  "maxConcurrentCalls",
  "tls",
] as const satisfies readonly (keyof Deployment)[];

export type DeploymentSetting = (typeof DEPLOYMENT_SETTINGS)[number];

export type DeploymentSettings = { readonly [Name in DeploymentSetting]: Setting<Deployment[Name]> };

/** What the files of a package say of the package. */
export interface PackageSettings {
  readonly errorDomain: Setting<string>;
  readonly errorDetail: Setting<string>;
  readonly logPrefix: Setting<string>;
  readonly deployment: DeploymentSettings;
}

/** Collects what the files of a package say of the package. */
export function collectSettings(files: readonly RawFile[]): PackageSettings {
  const annotated = files.filter((file) => file.annotated);
  const ofFile = (name: "errorDomain" | "errorDetail" | "logPrefix"): Setting<string> =>
    annotated
      .filter((file) => file.options[name] !== "")
      .map((file) => ({ value: file.options[name], place: file.at.at(name), file }));
  const ofDeployment = <Name extends DeploymentSetting>(name: Name): Setting<Deployment[Name]> =>
    annotated.flatMap((file) => {
      const value = file.options.deployment?.[name];
      return value ? [{ value, place: file.at.at("deployment").at(name), file }] : [];
    });
  return {
    errorDomain: ofFile("errorDomain"),
    errorDetail: ofFile("errorDetail"),
    logPrefix: ofFile("logPrefix"),
    deployment: {
      name: ofDeployment("name"),
      namespace: ofDeployment("namespace"),
      image: ofDeployment("image"),
      port: ofDeployment("port"),
      minReplicas: ofDeployment("minReplicas"),
      maxReplicas: ofDeployment("maxReplicas"),
      preStop: ofDeployment("preStop"),
      drain: ofDeployment("drain"),
      connectionAge: ofDeployment("connectionAge"),
      connectionAgeGrace: ofDeployment("connectionAgeGrace"),
      terminationGrace: ofDeployment("terminationGrace"),
      cpu: ofDeployment("cpu"),
      memory: ofDeployment("memory"),
      maxConcurrentCalls: ofDeployment("maxConcurrentCalls"),
      tls: ofDeployment("tls"),
    },
  };
}
