import { FAULTS } from "./faults.js";
import { LOSSES } from "./losses.js";
import { RATES } from "./rates.js";
import { RECOVERIES } from "./recoveries.js";
import type { Row } from "./row.js";
import { STRAINS } from "./strains.js";

/** The table, row by row. */
export const ROWS: readonly Row[] = [...RATES, ...LOSSES, ...FAULTS, ...RECOVERIES, ...STRAINS];
