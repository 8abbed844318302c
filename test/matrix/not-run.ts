/** What a row's program exits with if it lacks something that the machine hasn't got; it has said what. */
export const NOT_RUN = 77;
