import type { PackageManager } from "./package-manager.js";
import type { PlannedChange } from "./planned-change.js";
import type { Project } from "./project.js";

/** The systems that there is a recipe for. */
export const CI_SYSTEMS = ["github", "gitlab", "none"] as const;
export type CiSystem = (typeof CI_SYSTEMS)[number];

/** The input by which `buf breaking` and `accord breaking` read the project as it is on the main branch. */
export function mainBranch({ inRepository }: Project): string {
  const atTop = inRepository === ".";
  return `${toTop(inRepository)}.git#branch=main${atTop ? "" : `,subdir=${inRepository}`}`;
}

/** From a folder of the repository to its top: `../../`, or nothing. */
function toTop(inRepository: string): string {
  return inRepository === "." ? "" : "../".repeat(inRepository.split("/").length);
}

/** The system that the repository uses already, else GitHub's. */
export function usedCiSystem(project: Project): CiSystem {
  return project.read(`${toTop(project.inRepository)}.gitlab-ci.yml`) === undefined ? "github" : "gitlab";
}

/** A recipe for CI, which is the user's from then on: one that is there stays as it is. */
export function planCi(project: Project, system: CiSystem): PlannedChange | undefined {
  if (system === "none" || project.gitRoot === undefined) {
    return undefined;
  }
  const suffix = project.inRepository === "." ? "" : `-${project.inRepository.split("/").at(-1)}`;
  const folder = system === "github" ? ".github/workflows" : ".gitlab";
  const path = `${toTop(project.inRepository)}${folder}/contract${suffix}.yml`;
  const before = project.read(path);
  const recipe = system === "github" ? githubRecipe(project) : gitlabRecipe(project);
  return { path, before, after: before ?? recipe };
}

function checks({ packageManager: { exec } }: Project): string[] {
  return [`${exec} buf lint`, `${exec} accord lint`];
}

function comparisons(project: Project): string[] {
  const { exec } = project.packageManager;
  return [`${exec} buf breaking`, `${exec} accord breaking`].map(
    (command) => `${command} --against '${mainBranch(project)}'`,
  );
}

function githubRecipe(project: Project): string {
  const { packageManager, inRepository } = project;
  const where = inRepository === "." ? "" : `    defaults:\n      run:\n        working-directory: ${inRepository}\n`;
  return `name: contract
on:
  push:
    branches: [main]
  pull_request:
permissions:
  contents: read
jobs:
  contract:
    runs-on: ubuntu-latest
${where}    steps:
      - uses: actions/checkout@v4
        with:
          fetch-depth: 0
${githubPackageManager(packageManager)}      - uses: actions/setup-node@v4
        with:
          node-version: 22
      - run: ${packageManager.cleanInstall}
${checks(project)
  .map((command) => `      - run: ${command}\n`)
  .join("")}      - name: Compare with the branch that this goes to
        if: github.event_name == 'pull_request'
        env:
          BASE: \${{ github.base_ref }}
        run: |
          git branch --force main "origin/$BASE"
${comparisons(project)
  .map((command) => `          ${command}\n`)
  .join("")}`;
}

function githubPackageManager({ name }: PackageManager): string {
  return name === "pnpm"
    ? "      - uses: pnpm/action-setup@v4\n"
    : name === "yarn"
      ? "      - run: corepack enable\n"
      : "";
}

function gitlabRecipe(project: Project): string {
  const { packageManager, inRepository } = project;
  const enter = inRepository === "." ? [] : [`cd ${inRepository}`];
  const prepare = packageManager.name === "npm" ? [] : ["corepack enable"];
  const script = [
    "git fetch origin $CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
    "git branch --force main FETCH_HEAD",
    ...enter,
    ...prepare,
    packageManager.cleanInstall,
    ...checks(project),
    ...comparisons(project),
  ];
  return `contract:
  image: node:22
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
  variables:
    GIT_DEPTH: 0
  script:
${script.map((command) => `    - ${command}\n`).join("")}`;
}
