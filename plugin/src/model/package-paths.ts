import type { RawFile } from "../read/raw-contract.js";
import type { ResolvedPackage } from "../resolve/resolved-contract.js";
import type { PackagePaths } from "./model.js";

/**
 * Works out where the files of packages go.
 *
 * `errors` stands beside the error catalogue. The others do too, unless the catalogue is only imported: then whoever
 * generates it may emit files of the same names there. Without a catalogue all stand beside the first file with services.
 *
 * Where several packages share a directory, names start with the package's; except for one whose name is the
 * directory's.
 *
 * @param packages all visible ones, so that requests that see the same files agree
 */
export function packagePaths(packages: readonly ResolvedPackage[]): ReadonlyMap<ResolvedPackage, PackagePaths> {
  const homes = packages.map((pkg) => ({ pkg, ...homesOf(pkg) }));
  const inhabitants = new Map<string, Set<ResolvedPackage>>();
  for (const { pkg, errors, rest } of homes) {
    for (const directory of [errors, rest]) {
      const known = inhabitants.get(directory);
      if (known === undefined) {
        inhabitants.set(directory, new Set([pkg]));
      } else {
        known.add(pkg);
      }
    }
  }
  const path = (pkg: ResolvedPackage, directory: string, name: string): string => {
    const shared = (inhabitants.get(directory)?.size ?? 0) > 1 && pkg.name.replaceAll(".", "/") !== directory;
    return inDirectory(directory, shared ? `${prefixOf(pkg)}_${name}` : name);
  };
  return new Map(
    homes.map(({ pkg, errors, rest }) => [
      pkg,
      {
        directory: rest,
        errors: path(pkg, errors, "errors"),
        channel: path(pkg, rest, "channel"),
        server: path(pkg, rest, "server"),
        serviceConfig: path(pkg, rest, "service_config.json"),
      },
    ]),
  );
}

/** A package's name as part of a file's. Underscores are doubled, so that `a.b_c` and `a_b.c` stay apart. */
function prefixOf(pkg: ResolvedPackage): string {
  return pkg.name.replaceAll("_", "__").replaceAll(".", "_") || pkg.parts.last;
}

function homesOf(pkg: ResolvedPackage): { errors: string; rest: string } {
  const catalogFile = pkg.catalog?.raw.file;
  const generated = pkg.services[0]?.raw.file;
  const visible = pkg.files.find((file) => file.services.length > 0);
  const first = directoryOf(generated ?? visible ?? pkg.files[0]);
  const errors = catalogFile === undefined ? first : directoryOf(catalogFile);
  return { errors, rest: catalogFile?.generate === true ? errors : first };
}

function directoryOf(file: RawFile | undefined): string {
  const name = file?.desc.name ?? "";
  return name.slice(0, Math.max(0, name.lastIndexOf("/")));
}

function inDirectory(directory: string, name: string): string {
  return directory === "" ? name : `${directory}/${name}`;
}
