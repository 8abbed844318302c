import { usesCheckPlugin } from "./buf-yaml.js";
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

/** Branches are compared with `main`, whatever the branch is called that a change goes to: so the commands are as on one's desk. */
interface Commands {
  readonly checks: readonly string[];
  readonly comparisons: readonly string[];
  readonly generate: string;
  readonly tell: string;
}

/** @param format how the checks print what they find, for annotations on the lines of a change; undefined for text */
function commandsOf(project: Project, format: string | undefined): Commands {
  const { exec } = project.packageManager;
  const against = `--against '${mainBranch(project)}'`;
  const printed = format === undefined ? "" : ` --error-format=${format}`;
  // With the check plugin, buf says what Accord's own commands say.
  const programs = usesCheckPlugin(project) ? ["buf"] : ["buf", "accord"];
  return {
    checks: programs.map((program) => `${exec} ${program} lint${printed}`),
    comparisons: programs.map((program) => `${exec} ${program} breaking ${against}${printed}`),
    generate: `${exec} buf generate`,
    tell: `${exec} accord diff ${against} --format=markdown`,
  };
}

function githubRecipe(project: Project): string {
  const { packageManager, inRepository } = project;
  const { checks, comparisons, generate, tell } = commandsOf(project, "github-actions");
  const where = inRepository === "." ? "" : `    defaults:\n      run:\n        working-directory: ${inRepository}\n`;
  const step = (command: string) => `      - run: ${command}\n`;
  return `name: contract
on:
  push:
    branches: [main]
  pull_request:
permissions:
  contents: read
  pull-requests: write
jobs:
  contract:
    runs-on: ubuntu-latest
${where}    steps:
      - uses: actions/checkout@v4
        with:
          fetch-depth: 0
${githubPackageManager(project)}      - uses: actions/setup-node@v4
        with:
          node-version: 24
      - run: ${packageManager.cleanInstall}
${checks.map(step).join("")}      - name: Generated code is fresh
        run: |
          ${generate}
          git diff --exit-code || { echo "::error::Run '${generate}' and commit what it changes."; exit 1; }
      - name: Compare with the branch that this goes to
        if: \${{ !cancelled() && github.event_name == 'pull_request' }}
        env:
          BASE: \${{ github.base_ref }}
        run: |
          git branch --force main "origin/$BASE"
${comparisons.map((command) => `          ${command}\n`).join("")}      - name: Tell what changes for callers
        if: \${{ !cancelled() && github.event_name == 'pull_request' }}
        # A pull request from a fork may not write comments.
        continue-on-error: true
        env:
          GH_TOKEN: \${{ github.token }}
          NUMBER: \${{ github.event.number }}
        run: |
          ${tell} > "$RUNNER_TEMP/comment.md"
          gh pr comment "$NUMBER" --edit-last --create-if-none --body-file "$RUNNER_TEMP/comment.md"
`;
}

function githubPackageManager({ packageManager: { name }, namesPackageManager }: Project): string {
  switch (name) {
    case "pnpm":
      // Which version it is to install is in package.json, or it wants to be told.
      return `      - uses: pnpm/action-setup@v4\n${namesPackageManager ? "" : "        with:\n          version: latest\n"}`;
    case "yarn":
      return "      - run: corepack enable\n";
    case "bun":
      return "      - uses: oven-sh/setup-bun@v2\n";
    case "npm":
      return "";
  }
}

const GITLAB_REPORT = "gl-code-quality-report.json";

function gitlabRecipe(project: Project): string {
  const { packageManager, inRepository } = project;
  const { checks, comparisons, generate, tell } = commandsOf(project, undefined);
  const [lint = "", ...otherChecks] = checks;
  const inFolder = inRepository === "." ? "" : `${inRepository}/`;
  const script = [
    "git fetch origin $CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
    "git branch --force main FETCH_HEAD",
    ...(inRepository === "." ? [] : [`cd ${inRepository}`]),
    ...gitlabPackageManager(packageManager),
    packageManager.cleanInstall,
    `${tell} | tee contract.md`,
    `${lint} --error-format=gitlab-code-quality | tee ${GITLAB_REPORT}`,
    `test -s ${GITLAB_REPORT} || echo '[]' > ${GITLAB_REPORT}`,
    ...otherChecks,
    ...comparisons,
    `${generate} && git diff --exit-code`,
  ];
  return `contract:
  image: node:24
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
  variables:
    GIT_DEPTH: 0
  script:
${script.map((command) => `    - ${command}\n`).join("")}  artifacts:
    when: always
    paths: [${inFolder}contract.md]
    reports:
      codequality: ${inFolder}${GITLAB_REPORT}
`;
}

function gitlabPackageManager({ name }: PackageManager): string[] {
  return name === "npm" ? [] : name === "bun" ? ["npm install --global bun"] : ["corepack enable"];
}
