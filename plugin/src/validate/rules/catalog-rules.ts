import { elementPlace } from "../../read/place.js";
import { checkedCatalogs, checkedErrors, checkedFiles, checkedPackages, usedErrors } from "../elements.js";
import { type CheckContext, defineRules, type Report } from "../rule.js";
import { quoted } from "../wording.js";

/** Rules on error catalogues, and on the codes of their errors. */
export const CATALOG_RULES = defineRules({
  CATALOG_DUPLICATE: {
    severity: "error",
    waivable: false,
    description: "A second error catalogue in a package.",
    check: checkCatalogDuplicate,
  },
  ERROR_OUTSIDE_CATALOG: {
    severity: "error",
    waivable: false,
    description: "An enum value with `(accord.v1.error)`, in an enum that isn't marked as a catalogue.",
    check: checkOutsideCatalog,
  },
  ERROR_ZERO_VALUE: {
    severity: "error",
    waivable: false,
    description: "The catalogue's value 0 declares an error: it stands for none.",
    check: checkZeroValue,
  },
  ERROR_ALIAS: {
    severity: "error",
    waivable: false,
    description: "Two values of a catalogue have the same number.",
    check: checkAlias,
  },
  ERROR_PREFIX: {
    severity: "warning",
    waivable: true,
    description: "A value that doesn't start with the catalogue's `prefix`, so that nothing is cut from its name.",
    check: checkPrefix,
  },
  ERROR_CODE_FORMAT: {
    severity: "error",
    waivable: false,
    description: "A business code that isn't `[A-Z][A-Z0-9_]+[A-Z0-9]`, or is over 63 characters.",
    check: checkCodeFormat,
  },
  ERROR_CODE_DUPLICATE: {
    severity: "error",
    waivable: false,
    description: "Two errors of a catalogue with the same business code.",
    check: checkCodeDuplicate,
  },
});

function checkCatalogDuplicate({ contract }: CheckContext, report: Report): void {
  for (const pkg of checkedPackages(contract)) {
    const [first, ...others] = pkg.files.flatMap((file) => file.catalogs);
    for (const other of others) {
      if (first !== undefined && other.file.generate) {
        report(
          elementPlace(other.desc),
          `${pkg.name || "The package"} has an error catalogue already, ${first.desc.name} in ${first.file.desc.proto.name}: a package has one. Move the errors there.`,
        );
      }
    }
  }
}

function checkOutsideCatalog({ contract }: CheckContext, report: Report): void {
  for (const file of checkedFiles(contract)) {
    for (const { desc, at } of file.strayErrors) {
      report(
        at,
        `${desc.name} declares an error, but ${desc.parent.name} is no error catalogue: add \`option (accord.v1.errors) = {};\` to it.`,
      );
    }
  }
}

function checkZeroValue({ contract }: CheckContext, report: Report): void {
  for (const value of checkedCatalogs(contract).flatMap((catalog) => catalog.raw.values)) {
    if (value.desc.number === 0 && value.annotated) {
      report(
        value.at,
        `${value.desc.name} has the number 0, which stands for no error: give the error another number.`,
      );
    }
  }
}

function checkAlias({ contract }: CheckContext, report: Report): void {
  for (const { desc } of checkedCatalogs(contract).flatMap((catalog) => catalog.raw.values)) {
    const first = desc.parent.value[desc.number];
    if (first !== undefined && first !== desc) {
      report(elementPlace(desc), `${desc.name} has the number of ${first.name}: each error needs its own.`);
    }
  }
}

function checkPrefix({ contract }: CheckContext, report: Report): void {
  for (const { error, pkg } of checkedErrors(contract)) {
    const prefix = pkg.catalog?.raw.options.prefix ?? "";
    const { desc, options } = error.raw;
    if (prefix !== "" && options.code === "" && !desc.name.startsWith(prefix)) {
      report(
        elementPlace(desc),
        `${desc.name} doesn't start with the prefix ${quoted(prefix)}, so its whole name is its code: rename it, or say its \`code\`.`,
      );
    }
  }
}

/** What google.rpc.ErrorInfo says of a reason. */
const CODE = /^[A-Z][A-Z0-9_]+[A-Z0-9]$/;
const LONGEST_CODE = 63;

function checkCodeFormat({ contract }: CheckContext, report: Report): void {
  for (const error of usedErrors(contract)) {
    const { code, raw } = error;
    const place = raw.options.code === "" ? elementPlace(raw.desc) : raw.at.at("code");
    if (code.length > LONGEST_CODE) {
      report(place, `The code ${code} has ${code.length} characters, but may have ${LONGEST_CODE}: shorten it.`);
    } else if (!CODE.test(code)) {
      report(
        place,
        `${quoted(code)} is no business code: write at least three capitals, digits and underscores, the first a capital and the last no underscore, like INSUFFICIENT_FUNDS.`,
      );
    }
  }
}

function checkCodeDuplicate({ contract }: CheckContext, report: Report): void {
  for (const { error, pkg } of checkedErrors(contract)) {
    const first = pkg.errorByCode.get(error.code);
    if (first !== undefined && first !== error) {
      const { desc, options, at } = error.raw;
      report(
        options.code === "" ? elementPlace(desc) : at.at("code"),
        `${desc.name} has the code of ${first.raw.desc.name}, ${error.code}: each error needs its own.`,
      );
    }
  }
}
