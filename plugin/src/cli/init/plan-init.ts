import { planBufGenYaml } from "./buf-gen-yaml.js";
import { planBufYaml, usesCheckPlugin } from "./buf-yaml.js";
import { type CiSystem, mainBranch, planCi, usedCiSystem } from "./ci-recipe.js";
import { type MissingPackages, missingPackages, planPackageJson } from "./package-json.js";
import type { PlannedChange } from "./planned-change.js";
import { lookAtProject, type Project } from "./project.js";
import { planLanguage } from "./vendored-options.js";

/** What `accord init` finds in a project, and what it would do. */
export interface InitPlan {
  readonly project: Project;
  /** For each file that belongs to the layout, whether or not there is something to do. */
  readonly changes: readonly PlannedChange[];
  readonly missing: MissingPackages;
  /** The input by which buf reads the project as it is on the main branch. */
  readonly mainBranch: string;
  /** Whether buf, and so editors, run the check plugin. */
  readonly editorsKnow: boolean;
}

/**
 * Works out what a project lacks. Writes nothing.
 *
 * @param protoFolder the folder of the user's protos, if the user has named one
 * @param ci whose recipe to write, if the user has said
 * @throws CommandError if a file can't be read
 */
export function planInit(
  folder: string,
  protoFolder: string | undefined,
  ci: CiSystem | undefined,
  env: Readonly<Record<string, string | undefined>>,
): InitPlan {
  const project = lookAtProject(folder, protoFolder, env);
  const changes = [
    planLanguage(project),
    planBufYaml(project),
    planBufGenYaml(project),
    planPackageJson(project),
    planCi(project, ci ?? usedCiSystem(project)),
  ].filter((change) => change !== undefined);
  return {
    project,
    changes,
    missing: missingPackages(project),
    mainBranch: mainBranch(project),
    editorsKnow: usesCheckPlugin(project),
  };
}
