// What gRPC's interoperability tests ask for and Accord's API hasn't got. Each function is where it belongs when it has; the cases
// that need it are known failures until then.

/** On the client: whether the responses of a call came compressed. */
export function cameCompressed(): readonly boolean[] {
  throw new NotYet("the client isn't told whether a message came compressed");
}

/** Something that Accord hasn't got. */
export class NotYet extends Error {
  override readonly name = "NotYet";
}
