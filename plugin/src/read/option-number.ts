/** The number of each of Accord's extensions, whatever it extends. */
export const OPTION_NUMBER = 51507;
