import fc from "fast-check";

// One seed for all properties: what they find is found again with it. A machine that is slow tries less, rather than longer.
fc.configureGlobal({
  seed: Number(process.env.ATTACK_SEED ?? 1),
  interruptAfterTimeLimit: 5_000,
});
